package dev.isoflop.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.data.tree.ImageFiles;
import dev.isoflop.fault.InputException;
import dev.isoflop.image.Encoded;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

class CaptionedFolderTest {

    @TempDir Path temporary;

    private Path images(String... names) {
        Path root = temporary.resolve("photos");
        for (String name : names) {
            Tars.write(root.resolve(name), "the bytes of " + name);
        }
        return root;
    }

    private static List<String> read(Dataset dataset) throws IOException {
        var read = new ArrayList<String>();
        for (int index = 0; index < dataset.size(); index++) {
            Sample sample = dataset.read(index);
            assertThat(((Encoded) sample.picture()).bytes())
                    .asString()
                    .endsWith(ImageFiles.fileName(sample.name()));
            assertThat(dataset.captions(index)).isEqualTo(sample.captions());
            read.add(sample.name() + ": " + String.join(" | ", sample.captions()));
        }
        return read;
    }

    private List<String> captions(Path path) throws IOException {
        try (Dataset dataset = CaptionedFolder.open(path, Optional.empty())) {
            assertThat(dataset.fields()).containsExactly(Field.CAPTIONS);
            return read(dataset);
        }
    }

    private String refusal(Path path, Optional<Path> captions) {
        try {
            CaptionedFolder.open(path, captions).close();
            return "none";
        } catch (InputException e) {
            return String.valueOf(e.getMessage()).replace(temporary + "/", "");
        }
    }

    /// What is said of two images, a.jpg and b/c.png, with this caption file.
    private String refusal(String name, String text) {
        Path root = images("a.jpg", "b/c.png");
        Tars.write(root.resolve(name), text);
        return refusal(root, Optional.empty());
    }

    @Test
    void imagesOfOneNameCannotShareACaption() {
        Path root = images("a.jpg", "a.png");
        Tars.write(root.resolve("a.txt"), "a cat");
        assertThat(refusal(root, Optional.empty()))
                .isEqualTo(
                        "a.jpg and a.png of photos have one caption between them, a.txt; rename one"
                                + " of them, and describe it");
    }

    @Test
    void aTextWithoutAnImageIsCounted() {
        Path root = images("a.jpg");
        Tars.write(root.resolve("a.txt"), "a cat");
        Tars.write(root.resolve("b.txt"), "a dog");
        try (Dataset dataset = CaptionedFolder.open(root, Optional.empty())) {
            assertThat(dataset.leftOut().getFirst().text())
                    .isEqualTo(".txt files without an image: 1 (b.txt)");
        }
    }

    @Test
    void aKeyThatALineHasTwiceIsRefused() {
        assertThat(
                        refusal(
                                "metadata.jsonl",
                                "{\"file_name\": \"a.jpg\", \"text\": \"a\", \"text\": \"b\"}"))
                .startsWith("photos/metadata.jsonl:1:")
                .contains("Duplicate Object property \"text\"");
    }

    @Test
    void aLineThatNestsWithoutEndIsRefusedByItsNumber() {
        String endless = "{\"file_name\": \"a.jpg\", \"text\": " + "[".repeat(40_000);
        assertThat(refusal("metadata.jsonl", endless))
                .startsWith("photos/metadata.jsonl:1")
                .contains("is no JSON: it nests deeper");
    }

    @Test
    void anImageFolderOfHuggingFaceIsRead() throws IOException {
        Path root = images("a.jpg", "b/c.png");
        Tars.write(
                root.resolve("metadata.jsonl"),
                """
                {"file_name": "b/c.png", "text": "a \\"cat\\" "}
                {"file_name": "./a.jpg", "text": "eine Öl-Kanne", "license": 3}

                {"file_name": "b/c.png", "text": "another cat"}
                """);
        assertThat(captions(root))
                .containsExactly("a.jpg: eine Öl-Kanne", "b/c.png: a \"cat\" | another cat");
        assertThat(captions(Tars.pack(root)))
                .containsExactly(
                        "photos/a.jpg: eine Öl-Kanne", "photos/b/c.png: a \"cat\" | another cat");
    }

    @Test
    void aTableOfCommasOrTabsIsRead() throws IOException {
        Path root = images("a.jpg", "b/c.png");
        Tars.write(
                root.resolve("metadata.csv"),
                "\uFEFFcaption,image\r\n\"a cat, or\ntwo\",a.jpg\r\nb,b/c.png\r\n");
        assertThat(captions(root)).containsExactly("a.jpg: a cat, or\ntwo", "b/c.png: b");
        Files.delete(root.resolve("metadata.csv"));
        Path elsewhere = temporary.resolve("captions.tsv");
        Tars.write(elsewhere, "id\tfile_name\ttext\n1\ta.jpg\ta, b\n2\tc.png\tb\n");
        try (Dataset dataset = CaptionedFolder.open(root, Optional.of(elsewhere))) {
            assertThat(read(dataset)).containsExactly("a.jpg: a, b", "b/c.png: b");
        }
    }

    @Test
    void pairsOfImageAndTextAreReadAsWebDatasetPacksThem() throws IOException {
        Path root = images("0/001.jpg", "0/002.jpg", "README.txt");
        Tars.write(root.resolve("0/001.txt"), "a cat\n");
        Tars.write(root.resolve("0/001.json"), "{}");
        Tars.write(root.resolve("0/002.txt"), "a dog");
        assertThat(captions(Tars.pack(root)))
                .containsExactly("photos/0/001.jpg: a cat", "photos/0/002.jpg: a dog");
        assertThat(captions(root)).containsExactly("0/001.jpg: a cat", "0/002.jpg: a dog");
        Tars.write(root.resolve("0/002.txt"), " \n");
        assertThat(refusal(root, Optional.empty()))
                .isEqualTo("photos/0/002.txt is empty; write a caption");
        Files.delete(root.resolve("0/002.txt"));
        assertThat(refusal(root, Optional.empty()))
                .isEqualTo(
                        "1 of the 2 images of photos have no caption beside them: 0/002.jpg;"
                                + " describe them or move them away");
    }

    @Test
    void imagesWithoutAnyCaptionsAreRefused() {
        assertThat(refusal(images("a.jpg"), Optional.empty()))
                .isEqualTo(
                        "photos holds no captions: neither metadata.jsonl, metadata.csv or"
                            + " metadata.tsv, nor a .txt beside each image; add one, or name the"
                            + " caption file");
        assertThat(refusal(images("a.jpg"), Optional.of(temporary.resolve("no.csv"))))
                .isEqualTo("no.csv is no file; name a .jsonl, .csv or .tsv of captions");
    }

    @Test
    void severalCaptionFilesAreRefused() {
        Path root = images("train/a.jpg", "test/a.jpg", "train/metadata.csv", "test/metadata.csv");
        assertThat(refusal(root, Optional.empty()))
                .isEqualTo(
                        "photos holds 2 caption files: test/metadata.csv, train/metadata.csv; name"
                                + " the folder of one of them");
    }

    @Test
    void captionsOfMissingImagesAreNamedWithTheirLines() {
        assertThat(refusal("metadata.csv", "image,text\na.jpg,a\nx.jpg,x\nb/c.png,c\ny.jpg,y\n"))
                .isEqualTo(
                        "2 of the 4 lines of photos/metadata.csv name images that are not in"
                            + " photos: x.jpg (line 3), y.jpg (line 5); add these images or remove"
                            + " the lines");
    }

    @Test
    void captionsOfOtherImagesAreRefused() {
        assertThat(refusal("metadata.csv", "image,text\nx.jpg,x\ny.jpg,y\n"))
                .isEqualTo(
                        "photos/metadata.csv belongs to other images: none that it names is in"
                                + " photos (2 images, such as a.jpg), the first is x.jpg (line 2)");
    }

    @Test
    void imagesThatAreNotListedAreNamed() {
        assertThat(refusal("metadata.csv", "image,text\na.jpg,a\n"))
                .isEqualTo(
                        "1 of the 2 images of photos have no caption in photos/metadata.csv:"
                                + " b/c.png; describe them or move them away");
    }

    @Test
    void aCaptionThatIsThereTwiceIsNamed() {
        assertThat(refusal("metadata.csv", "image,text\na.jpg,a\nb/c.png,c\na.jpg,a\n"))
                .isEqualTo(
                        "photos/metadata.csv:4  repeats the caption of a.jpg on line 2; remove one"
                                + " of them");
    }

    @Test
    void anEmptyCaptionIsNamed() {
        assertThat(refusal("metadata.csv", "image,text\na.jpg,a\nb/c.png, \n"))
                .isEqualTo(
                        "photos/metadata.csv:3  has no text for b/c.png; write a caption or remove"
                                + " the line");
    }

    @Test
    void aLineThatCannotBeReadIsNamed() {
        String first = "{\"file_name\": \"a.jpg\", \"text\": \"a\"}\n";
        assertThat(refusal("metadata.jsonl", first + "{\"file_name\": \"b/c.png\", \"text\""))
                .startsWith("photos/metadata.jsonl:2:")
                .contains("  is no JSON: Unexpected end-of-input");
        assertThat(refusal("metadata.jsonl", first + "[1]"))
                .isEqualTo(
                        "photos/metadata.jsonl:2  is no JSON object; file_name (or image) and text"
                                + " (or caption) are needed");
        assertThat(refusal("metadata.jsonl", first + "{\"name\": \"b/c.png\", \"text\": \"c\"}"))
                .isEqualTo(
                        "photos/metadata.jsonl:2  has name, text; file_name (or image) and text (or"
                                + " caption) are needed");
        assertThat(refusal("metadata.jsonl", first + "{\"file_name\": \"b/c.png\", \"text\": 4}"))
                .isEqualTo("photos/metadata.jsonl:2  has the caption 4; write a text");
    }

    @Test
    void aTableThatCannotBeReadIsNamed() throws IOException {
        Path root = images("a.jpg", "b/c.png");
        Path table = root.resolve("metadata.csv");
        Tars.write(table, "a.jpg,a cat\n");
        assertThat(refusal(root, Optional.empty()))
                .isEqualTo(
                        "photos/metadata.csv:1  has a.jpg, a cat; file_name (or image) and text (or"
                                + " caption) are needed");
        Tars.write(table, "image,text\na.jpg,a cat, or two\n");
        assertThat(refusal(root, Optional.empty()))
                .isEqualTo(
                        "photos/metadata.csv:2  has 3 fields, and the header 2; put a text with"
                                + " separators in double quotes");
        Tars.write(table, "image,text\na.jpg,\"a cat\nb/c.png,b\n");
        assertThat(refusal(root, Optional.empty()))
                .startsWith("photos/metadata.csv is no table: ")
                .contains("2");
        Tars.write(table, "");
        assertThat(refusal(root, Optional.empty()))
                .isEqualTo("photos/metadata.csv holds no captions");
        Files.write(table, "image,text\na.jpg,\u00d6l\n".getBytes(StandardCharsets.ISO_8859_1));
        assertThat(refusal(root, Optional.empty()))
                .isEqualTo("photos/metadata.csv is not UTF-8; save it as UTF-8");
    }
}
