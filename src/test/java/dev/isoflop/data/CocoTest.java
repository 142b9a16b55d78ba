package dev.isoflop.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.isoflop.fault.InputException;
import dev.isoflop.image.Box;
import dev.isoflop.image.Encoded;
import dev.isoflop.image.Header;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

class CocoTest {

    /// Categories come last, as in the published files, and have gaps.
    private static final String INSTANCES =
            """
            {"info": {"year": 2017},
             "images": [{"id": 7, "file_name": "b.jpg", "width": 100, "height": 50},
                        {"id": 3, "file_name": "a.jpg", "width": 64, "height": 64}],
             "annotations": [
              {"id": 1, "image_id": 7, "category_id": 90, "area": 20.5, "iscrowd": 0,
               "bbox": [10.2, 5.9, 20.1, 8], "segmentation": [[1, 2, 3, 4]]},
              {"id": 2, "image_id": 7, "category_id": 2, "area": 15, "iscrowd": 0,
               "bbox": [95, 40, 9.5, 20]},
              {"id": 3, "image_id": 7, "category_id": 2, "area": 15, "iscrowd": 1,
               "bbox": [0, 0, 9, 9], "segmentation": {"counts": [1, 2], "size": [50, 100]}}],
             "categories": [{"id": 90, "name": "dog"}, {"id": 2, "name": "cat"},
                            {"id": 5, "name": "bus"}]}
            """;

    private static final String CAPTIONS =
            """
            {"annotations": [
              {"id": 4, "image_id": 7, "caption": "two cats "},
              {"id": 5, "image_id": 3, "caption": "nothing"},
              {"id": 6, "image_id": 7, "caption": "a dog and\\ncats"}],
             "images": [{"id": 3, "file_name": "a.jpg"}, {"id": 7, "file_name": "b.jpg"}]}
            """;

    @TempDir Path temporary;

    private Path images() {
        Tars.write(temporary.resolve("train/a.jpg"), "image a");
        Tars.write(temporary.resolve("train/b.jpg"), "image b");
        Tars.write(temporary.resolve("train/unlisted.jpg"), "another");
        return temporary.resolve("train");
    }

    private Optional<Path> file(String name, String json) {
        Path file = temporary.resolve(name);
        Tars.write(file, json);
        return Optional.of(file);
    }

    private String refusal(Optional<Path> captions, Optional<Path> instances) {
        try {
            Coco.open(images(), captions, instances).close();
            return "none";
        } catch (InputException e) {
            return String.valueOf(e.getMessage()).replace(temporary + "/", "");
        }
    }

    private String refusalOfCaptions(String json) {
        return refusal(file("c.json", json), Optional.empty());
    }

    private String refusalOfInstances(String json) {
        return refusal(Optional.empty(), file("i.json", json));
    }

    @Test
    void captionsLabelsAndBoxesBelongToTheirImages() throws IOException {
        try (Coco coco = Coco.open(images(), file("c.json", CAPTIONS), file("i.json", INSTANCES))) {
            assertThat(coco.size()).isEqualTo(2);
            assertThat(coco.fields())
                    .containsExactlyInAnyOrder(Field.LABELS, Field.CAPTIONS, Field.BOXES);
            assertThat(coco.classNames()).containsExactly("cat", "bus", "dog");
            Sample b = coco.read(1);
            assertThat(b.name()).isEqualTo("b.jpg");
            assertThat(((Encoded) b.picture()).bytes()).asString().isEqualTo("image b");
            assertThat(b.captions()).containsExactly("two cats", "a dog and\ncats");
            assertThat(b.labels()).as("cats cover 30, the dog 20.5").containsExactly(0, 2);
            assertThat(b.boxes())
                    .as("whole pixels within the image; the crowd is no box")
                    .containsExactly(
                            new LabelledBox(new Box(10, 5, 21, 9), 2),
                            new LabelledBox(new Box(95, 40, 5, 10), 0));
            assertThat(coco.labels(0)).isEmpty();
            assertThat(coco.captions(0)).containsExactly("nothing");
        }
    }

    @Test
    void eitherFileWillDo() throws IOException {
        try (Coco coco = Coco.open(images(), file("c.json", CAPTIONS), Optional.empty())) {
            assertThat(coco.fields()).containsExactly(Field.CAPTIONS);
            assertThat(coco.classNames()).isEmpty();
        }
        try (Coco coco = Coco.open(images(), Optional.empty(), file("i.json", INSTANCES))) {
            assertThat(coco.fields()).containsExactlyInAnyOrder(Field.LABELS, Field.BOXES);
            assertThat(coco.captions(1)).isEmpty();
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Coco.Config(images(), Optional.empty(), Optional.empty()))
                .withMessageStartingWith("captions is missing, and so is instances; name one");
    }

    @Test
    void imagesAreFoundInATarAndBelowAFolder() throws IOException {
        Path tar = Tars.pack(images());
        try (Coco coco = Coco.open(tar, file("c.json", CAPTIONS), Optional.empty())) {
            assertThat(coco.read(0).name()).isEqualTo("train/a.jpg");
        }
        Files.delete(tar);
        try (Coco coco = Coco.open(temporary, file("c.json", CAPTIONS), Optional.empty())) {
            assertThat(coco.nameOf(1)).isEqualTo("train/b.jpg");
        }
        Tars.write(temporary.resolve("val/b.jpg"), "another b");
        assertThat(refusalBelow(temporary))
                .endsWith(
                        " holds b.jpg twice: train/b.jpg and val/b.jpg; name the folder of one of"
                                + " them");
    }

    private String refusalBelow(Path folder) {
        try {
            Coco.open(folder, file("c.json", CAPTIONS), Optional.empty()).close();
            return "none";
        } catch (InputException e) {
            return String.valueOf(e.getMessage());
        }
    }

    @Test
    void aDamagedFileIsNamedWithThePlace() {
        assertThat(refusalOfCaptions(CAPTIONS.substring(0, 100)))
                .startsWith("c.json:3:")
                .contains("  is damaged: Unexpected end-of-input")
                .endsWith("; copy or download it again");
        assertThat(refusalOfCaptions("image,caption\n"))
                .startsWith("c.json:1:")
                .contains("damaged");
        assertThat(refusalOfCaptions(CAPTIONS.replace("\"image_id\": 3", "\"image_id\": \"x\"")))
                .startsWith("c.json:3:")
                .contains("  is no COCO: ");
    }

    @Test
    void anotherLayoutIsRefused() {
        assertThat(refusalOfCaptions("[]"))
                .isEqualTo(
                        "c.json is not laid out as COCO: it is no JSON object; images and"
                                + " annotations are needed");
        assertThat(refusalOfCaptions("{\"a.jpg\": [\"a cat\"]}"))
                .isEqualTo(
                        "c.json is not laid out as COCO: it has a.jpg; images and annotations are"
                                + " needed");
        assertThat(refusalOfCaptions("{\"images\": {}, \"annotations\": []}"))
                .isEqualTo("c.json:1:12  images is no list");
        assertThat(refusalOfCaptions(INSTANCES))
                .endsWith("  annotation 1 has no caption; name COCO's captions_*.json");
        assertThat(refusalOfInstances(CAPTIONS))
                .endsWith(
                        "  annotation 4 has no category_id or no bbox of 4; name COCO's"
                                + " instances_*.json");
        assertThat(refusal(Optional.of(temporary.resolve("no.json")), Optional.empty()))
                .isEqualTo("no.json does not exist; name COCO's captions_*.json");
    }

    @Test
    void annotationsOfImagesThatAreNotListedAreRefused() {
        assertThat(refusalOfCaptions(CAPTIONS.replace("\"image_id\": 3", "\"image_id\": 4")))
                .isEqualTo(
                        "c.json annotates 1 images that it does not list (it lists 2): 4; copy or"
                                + " download it again");
        assertThat(
                        refusalOfInstances(
                                INSTANCES.replace("\"category_id\": 90", "\"category_id\": 1")))
                .isEqualTo(
                        "i.json has the category 1 in image 7, and does not list it among its 3"
                                + " categories");
        assertThat(refusalOfCaptions(CAPTIONS.replace("\"id\": 3", "\"id\": 7")))
                .endsWith("  the image 7 is listed twice");
    }

    @Test
    void imagesThatAreNotInTheFolderAreNamed() {
        assertThat(refusalOfCaptions(CAPTIONS.replace("a.jpg", "x.jpg")))
                .isEqualTo(
                        "1 of the 2 images that c.json lists are not in train: x.jpg; copy them"
                                + " there, or take them off the list");
    }

    @Test
    void captionsOfOtherImagesAreRefused() {
        assertThat(refusalOfCaptions(CAPTIONS.replace("a.jpg", "x.jpg").replace("b.jpg", "y.jpg")))
                .isEqualTo(
                        "none of the 2 images that c.json lists is in train (3 images, such as"
                                + " a.jpg); name images and annotations of the same part");
    }

    @Test
    void anImageWithoutACaptionIsRefused() {
        assertThat(refusalOfCaptions(CAPTIONS.replace("nothing", " ")))
                .isEqualTo(
                        "c.json has no caption for 1 of the 2 images: a.jpg; take them off the"
                                + " list, or leave the captions out");
    }

    @Test
    void thePublishedFilesAreRead() throws Exception {
        Path real = Path.of("../shared/data/coco-mini");
        assumeTrue(Files.isDirectory(real), real + " is not here");
        Optional<Path> captions = Optional.of(real.resolve("annotations/captions_val2017.json"));
        Optional<Path> instances = Optional.of(real.resolve("annotations/instances_val2017.json"));
        try (Coco coco = Coco.open(real.resolve("val2017"), captions, instances)) {
            assertThat(coco.size()).isEqualTo(79);
            assertThat(coco.classNames()).hasSize(80).startsWith("person").endsWith("toothbrush");
            Set<Integer> labels = new HashSet<>();
            for (int index = 0; index < coco.size(); index++) {
                Sample sample = coco.read(index);
                assertThat(sample.captions()).hasSizeBetween(5, 7).doesNotContain("");
                labels.addAll(sample.labels());
                Header header = Header.read(sample.name(), ((Encoded) sample.picture()).bytes());
                for (LabelledBox box : sample.boxes()) {
                    assertThat(sample.labels()).contains(box.label());
                    assertThat(box.box().x() + box.box().width())
                            .isLessThanOrEqualTo(header.width());
                    assertThat(box.box().y() + box.box().height())
                            .isLessThanOrEqualTo(header.height());
                }
            }
            assertThat(labels).hasSizeGreaterThan(40).allMatch(label -> label >= 0 && label < 80);
        }
    }
}
