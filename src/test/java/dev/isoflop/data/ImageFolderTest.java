package dev.isoflop.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.fault.InputException;
import dev.isoflop.image.Encoded;

import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

class ImageFolderTest {

    @TempDir Path temporary;

    private Path folder(String... files) {
        Path root = temporary.resolve("photos");
        for (String file : files) {
            Tars.write(root.resolve(file), "the bytes of " + file);
        }
        return root;
    }

    private static List<String> names(Dataset dataset) {
        return IntStream.range(0, dataset.size()).mapToObj(dataset::nameOf).toList();
    }

    private static List<List<Integer>> labels(Dataset dataset) throws IOException {
        var labels = new ArrayList<List<Integer>>();
        for (int i = 0; i < dataset.size(); i++) {
            labels.add(dataset.read(i).labels());
        }
        return labels;
    }

    private static String refusal(Path path) {
        try {
            ImageFolder.open(path).close();
            return "none";
        } catch (InputException e) {
            return String.valueOf(e.getMessage());
        }
    }

    @Test
    void aDirectoryBelowTheRootIsAClass() throws IOException {
        Path root = folder("dog/2.jpg", "cat/1.JPEG", "dog/1.png", "cat/notes.txt");
        try (Dataset dataset = ImageFolder.open(root)) {
            assertThat(names(dataset)).containsExactly("cat/1.JPEG", "dog/1.png", "dog/2.jpg");
            assertThat(dataset.classNames()).containsExactly("cat", "dog");
            assertThat(labels(dataset)).containsExactly(List.of(0), List.of(1), List.of(1));
            Encoded picture = (Encoded) dataset.read(1).picture();
            assertThat(picture.bytes()).asString().isEqualTo("the bytes of dog/1.png");
        }
    }

    @Test
    void directoriesThatAllImagesShareSeparateNothing() throws IOException {
        Path root = folder("set/train/cat/images/a/1.jpg", "set/train/dog/images/1.jpg");
        try (Dataset dataset = ImageFolder.open(root)) {
            assertThat(dataset.classNames()).containsExactly("cat", "dog");
            assertThat(labels(dataset)).containsExactly(List.of(0), List.of(1));
        }
    }

    @Test
    void imagesInOneDirectoryHaveNoLabels() throws IOException {
        try (Dataset dataset = ImageFolder.open(folder("all/1.webp", "all/2.webp"))) {
            assertThat(dataset.classNames()).isEmpty();
            assertThat(labels(dataset)).containsExactly(List.of(), List.of());
        }
    }

    @Test
    void anImageBesideTheClassDirectoriesHasNoLabel() throws IOException {
        try (Dataset dataset = ImageFolder.open(folder("cat/1.jpg", "stray.jpg"))) {
            assertThat(dataset.classNames()).containsExactly("cat");
            assertThat(labels(dataset)).containsExactly(List.of(0), List.of());
        }
    }

    @Test
    void hiddenFilesAreNoImages() {
        try (Dataset dataset = ImageFolder.open(folder("a/._1.jpg", ".b/1.jpg", "c/1.jpg"))) {
            assertThat(names(dataset)).containsExactly("c/1.jpg");
        }
    }

    @ParameterizedTest
    @ValueSource(
            ints = {TarArchiveOutputStream.LONGFILE_GNU, TarArchiveOutputStream.LONGFILE_POSIX})
    void aTarIsReadAsTheFolderItHolds(int longFileMode) throws IOException {
        String deep = "a very long name of a directory ".repeat(5);
        Path root = folder("cat/1.jpg", "dog/2.jpg", "dog/" + deep + "/3.jpg", "dog/.4.jpg");
        try (Dataset folder = ImageFolder.open(root);
                Dataset tar = ImageFolder.open(Tars.pack(root, longFileMode))) {
            assertThat(tar.size()).isEqualTo(3);
            assertThat(tar.classNames()).isEqualTo(folder.classNames());
            for (int i = 0; i < tar.size(); i++) {
                Sample packed = tar.read(i);
                Sample plain = folder.read(i);
                assertThat(packed.name()).isEqualTo("photos/" + plain.name());
                assertThat(packed.labels()).isEqualTo(plain.labels());
                assertThat(((Encoded) packed.picture()).bytes())
                        .isEqualTo(((Encoded) plain.picture()).bytes());
            }
        }
    }

    @Test
    void aTarThatEndsEarlyIsRefusedWhereverItEnds() throws IOException {
        Path tar = Tars.pack(folder("cat/1.jpg", "dog/2.jpg"));
        byte[] whole = Files.readAllBytes(tar);
        // Five headers (three directories, two files) and two padded contents come before the mark.
        int contents = 7 * 512;
        for (int length = 1; length < contents + 512; length += 100) {
            Files.write(tar, Arrays.copyOf(whole, length));
            assertThat(refusal(tar)).startsWith(tar + " ends early, at byte %,d".formatted(length));
        }
        Files.write(tar, Arrays.copyOf(whole, contents - 500));
        assertThat(refusal(tar))
                .startsWith(tar + " ends early, at byte 3,084, within photos/")
                .endsWith(".jpg; copy or download it again");
        Files.write(tar, Arrays.copyOf(whole, contents));
        assertThat(refusal(tar)).contains(", without the mark of its end; copy or download");
    }

    @Test
    void aDamagedTarIsRefused() throws IOException {
        Path tar = Tars.pack(folder("cat/1.jpg", "dog/2.jpg"));
        byte[] bytes = Files.readAllBytes(tar);
        bytes[512 + 3] ^= 1; // in the name of the second entry
        Files.write(tar, bytes);
        assertThat(refusal(tar))
                .isEqualTo(
                        tar
                                + " is damaged after photos/, at byte 512: a header's checksum is"
                                + " wrong; copy or download it again");
    }

    @Test
    void whatIsNoTarIsRefused() throws IOException {
        Path tar = temporary.resolve("photo.tar");
        Files.write(
                tar,
                "This is no archive, whatever its name says. "
                        .repeat(40)
                        .getBytes(StandardCharsets.UTF_8));
        assertThat(refusal(tar)).startsWith(tar + " is damaged after its beginning, at byte 0: ");
    }

    @Test
    void anEmptyFolderIsRefused() throws IOException {
        Path empty = Files.createDirectory(temporary.resolve("empty"));
        assertThat(refusal(empty))
                .isEqualTo(
                        empty
                                + " is empty; name a folder or a .tar with .jpg, .jpeg, .png or"
                                + " .webp files, at any depth");
    }

    @Test
    void aFolderWithoutImagesIsRefusedWithWhatItHolds() {
        Path root = folder("a.txt", "b.txt", "c/d.gif", "README");
        assertThat(refusal(root))
                .isEqualTo(
                        root
                                + " holds no images, but 2 .txt, 1 without an extension, 1 .gif;"
                                + " name a folder or a .tar with .jpg, .jpeg, .png or .webp files,"
                                + " at any depth");
    }

    @Test
    void aPathThatIsNoFolderIsRefused() throws IOException {
        Path missing = temporary.resolve("missing");
        assertThat(refusal(missing))
                .isEqualTo(missing + " does not exist; name a folder of images or a .tar of one");
        Path file = Files.createFile(temporary.resolve("one.jpg"));
        assertThat(refusal(file))
                .isEqualTo(file + " is a file; name a folder of images or a .tar of one");
        Path compressed = Files.createFile(temporary.resolve("set.tar.gz"));
        assertThat(refusal(compressed))
                .isEqualTo(
                        compressed
                                + " is compressed; unpack it once to a .tar, which is read in"
                                + " place");
    }
}
