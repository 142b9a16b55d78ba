package dev.isoflop.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.data.tree.LeftOut;
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
    void aTarThatEndsBeforeItsFirstFileIsRefusedWhereverItEnds() throws IOException {
        Path tar = Tars.pack(folder("cat/1.jpg", "dog/2.jpg"));
        byte[] whole = Files.readAllBytes(tar);
        int beforeAFile = 2 * 512; // two headers of directories
        for (int length = 1; length < beforeAFile + 512; length += 100) {
            Files.write(tar, Arrays.copyOf(whole, length));
            assertThat(refusal(tar))
                    .startsWith(tar + " ends early, at byte %,d".formatted(length))
                    .endsWith("; copy or download it again");
        }
    }

    @Test
    void whatATarLostIsSaidOfTheDataset() throws IOException {
        Path tar = Tars.pack(folder("cat/1.jpg", "dog/2.jpg"));
        byte[] whole = Files.readAllBytes(tar);
        int contents = 7 * 512; // five headers and two padded contents come before the mark
        Files.write(tar, Arrays.copyOf(whole, contents - 510));
        try (Dataset dataset = ImageFolder.open(tar)) {
            assertThat(dataset.size()).isEqualTo(1);
            assertThat(dataset.leftOut())
                    .singleElement()
                    .extracting(left -> left.textOf(dataset.name()))
                    .asString()
                    .startsWith(
                            "left out of %s: lost, for %s ends early, at byte 3,074; copy or download it again: 1 (photos/"
                                    .formatted(dataset.name(), tar))
                    .endsWith(".jpg)");
        }
    }

    @Test
    void aDamagedTarIsRefusedBeforeAnyFile() throws IOException {
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
    void aLoopOfLinksIsLeftOutAndCounted() throws IOException {
        Path root = folder("cat/1.jpg", "dog/2.jpg");
        Files.createSymbolicLink(root.resolve("cat/back"), root);
        Files.createSymbolicLink(root.resolve("dog/none.jpg"), root.resolve("nowhere"));
        Files.createSymbolicLink(root.resolve("dog/self.jpg"), root.resolve("dog/self.jpg"));
        Files.createSymbolicLink(root.resolve("dog/3.jpg"), root.resolve("cat/1.jpg"));
        try (Dataset dataset = ImageFolder.open(root)) {
            assertThat(names(dataset)).containsExactly("cat/1.jpg", "dog/2.jpg", "dog/3.jpg");
            assertThat(dataset.leftOut())
                    .containsExactlyInAnyOrder(
                            new LeftOut(
                                    "links that lead back to a folder above them",
                                    1,
                                    List.of("cat/back")),
                            new LeftOut(
                                    "links to nothing",
                                    2,
                                    List.of("dog/none.jpg", "dog/self.jpg")));
        }
    }

    @Test
    void aFolderWhoseImagesAreAllLeftOutIsRefusedWithTheReason() throws IOException {
        Path root = Files.createDirectory(temporary.resolve("links"));
        Files.createSymbolicLink(root.resolve("1.jpg"), root.resolve("nowhere"));
        assertThat(refusal(root))
                .startsWith(root + " is empty, left out links to nothing: 1 (1.jpg); name a");
    }

    /// A byte of Latin-1, as an old archive leaves it in a folder of today.
    @Test
    void aNameThatIsNoTextOfTheLocaleIsReadAllTheSame() throws Exception {
        Path root = folder("cat/1.jpg");
        String make =
                "printf 'an odd one' > \"$0/cat/$(printf 'caf\\351.jpg')\"; printf 'another' >"
                        + " \"$0/cat/$(printf 'caf\\350.jpg')\"";
        Process made = new ProcessBuilder("sh", "-c", make, root.toString()).start();
        assertThat(made.waitFor()).isZero();
        try (Dataset dataset = ImageFolder.open(root)) {
            assertThat(names(dataset))
                    .containsExactly("cat/1.jpg", "cat/caf\u00e8.jpg", "cat/caf\u00e9.jpg");
            assertThat(((Encoded) dataset.read(1).picture()).bytes())
                    .asString()
                    .isEqualTo("another");
            assertThat(((Encoded) dataset.read(2).picture()).bytes())
                    .asString()
                    .isEqualTo("an odd one");
        }
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
    }
}
