package dev.isoflop.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.isoflop.data.TinyImageNet.Split;
import dev.isoflop.fault.InputException;
import dev.isoflop.image.Box;
import dev.isoflop.image.BrokenImageException;
import dev.isoflop.image.Encoded;
import dev.isoflop.image.Pixels;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;

class TinyImageNetTest {

    @TempDir Path temporary;

    private Path published() {
        Path root = temporary.resolve("tiny");
        Tars.write(root.resolve("wnids.txt"), "n02\nn01\n");
        Tars.write(root.resolve("words.txt"), "n01\tgoldfish, Carassius auratus\nn03\tother\n");
        Tars.write(root.resolve("train/n01/n01_boxes.txt"), "n01_0.JPEG\t0\t10\t63\t58\n");
        Tars.write(root.resolve("train/n01/images/n01_0.JPEG"), "a goldfish");
        Tars.write(root.resolve("train/n02/n02_boxes.txt"), "n02_5.JPEG\t3\t4\t3\t4\n");
        Tars.write(root.resolve("train/n02/images/n02_5.JPEG"), "another");
        Tars.write(root.resolve("val/val_annotations.txt"), "val_0.JPEG\tn02\t0\t32\t44\t62\n");
        Tars.write(root.resolve("val/images/val_0.JPEG"), "one to validate");
        return root;
    }

    private static String refusal(Path path, Split split) {
        try {
            TinyImageNet.open(path, split).close();
            return "none";
        } catch (InputException e) {
            return String.valueOf(e.getMessage());
        }
    }

    @Test
    void trainingImagesHaveAClassAndABox() throws IOException {
        try (Dataset train = TinyImageNet.open(published(), Split.TRAIN)) {
            assertThat(train.size()).isEqualTo(2);
            assertThat(train.classNames()).containsExactly("goldfish, Carassius auratus", "n02");
            Sample first = train.read(0);
            assertThat(first.name()).isEqualTo("train/n01/images/n01_0.JPEG");
            assertThat(first.labels()).containsExactly(0);
            assertThat(first.boxes()).containsExactly(new LabelledBox(new Box(0, 10, 64, 49), 0));
            assertThat(((Encoded) first.picture()).bytes()).asString().isEqualTo("a goldfish");
            assertThat(train.read(1).boxes())
                    .containsExactly(new LabelledBox(new Box(3, 4, 1, 1), 1));
        }
    }

    @Test
    void validationImagesAreLabelledByTheirList() throws IOException {
        try (Dataset validation = TinyImageNet.open(published(), Split.VAL)) {
            assertThat(validation.size()).isEqualTo(1);
            assertThat(validation.read(0).labels()).containsExactly(1);
            assertThat(validation.name()).endsWith("tiny, val");
        }
    }

    @Test
    void aTarIsReadAsTheFolderItHolds() throws IOException {
        Path tar = Tars.pack(published());
        try (Dataset train = TinyImageNet.open(tar, Split.TRAIN)) {
            assertThat(train.read(1).name()).isEqualTo("tiny/train/n02/images/n02_5.JPEG");
            assertThat(((Encoded) train.read(1).picture()).bytes()).asString().isEqualTo("another");
        }
    }

    @Test
    void anotherLayoutIsRefused() {
        Path root = temporary.resolve("photos");
        Tars.write(root.resolve("cat/1.jpg"), "a cat");
        assertThat(refusal(root, Split.TRAIN))
                .isEqualTo(
                        root
                                + " is not laid out as Tiny-ImageNet: it has no wnids.txt; for"
                                + " images in folders use the kind folder");
    }

    @Test
    void anAnnotationThatCannotBeReadIsNamed() {
        Path root = published();
        Tars.write(
                root.resolve("val/val_annotations.txt"),
                "val_0.JPEG\tn02\t0\t32\t44\t62\nval_1.JPEG\tn99\t0\t32\t44\t62\n");
        assertThat(refusal(root, Split.VAL))
                .isEqualTo(
                        root
                                + ": val/val_annotations.txt:2 is \"val_1.JPEG\tn99\t0\t32\t44"
                                + "\t62\"; it should have a class of wnids.txt second");
        Tars.write(root.resolve("train/n02/n02_boxes.txt"), "n02_5.JPEG\t3\tfour\t3\t4\n");
        assertThat(refusal(root, Split.TRAIN))
                .isEqualTo(
                        root
                                + ": train/n02/n02_boxes.txt:1 is \"n02_5.JPEG\t3\tfour\t3\t4\";"
                                + " it should have left, top, right and bottom last");
        Tars.write(root.resolve("train/n02/n02_boxes.txt"), "n02_5.JPEG 3 4\n");
        assertThat(refusal(root, Split.TRAIN)).endsWith("it should have 5 fields between tabs");
    }

    @Test
    void aClassOrAnImageThatIsListedTwiceIsRefused() {
        Path root = published();
        Tars.write(
                root.resolve("val/val_annotations.txt"),
                "val_0.JPEG\tn02\t0\t32\t44\t62\nval_0.JPEG\tn01\t0\t32\t44\t62\n");
        assertThat(refusal(root, Split.VAL))
                .isEqualTo(
                        root
                                + ": val/images/val_0.JPEG is annotated twice; remove one of the"
                                + " lines");
        Tars.write(root.resolve("wnids.txt"), "n02\nn01\nn02\n");
        assertThat(refusal(root, Split.TRAIN))
                .isEqualTo(root + ": wnids.txt names n02 twice; remove one of the lines");
    }

    @Test
    void imagesThatAreNotListedAreCounted() {
        Path root = published();
        Tars.write(root.resolve("train/n01/images/n01_7.JPEG"), "another goldfish");
        try (Dataset train = TinyImageNet.open(root, Split.TRAIN)) {
            assertThat(train.size()).isEqualTo(2);
            assertThat(train.leftOut())
                    .extracting(left -> left.textOf(train.name()))
                    .containsExactly(
                            "left out of %s: images that no annotation file lists: 1 (train/n01/images/n01_7.JPEG)"
                                    .formatted(train.name()));
        }
    }

    @Test
    void aMissingListIsNamed() throws IOException {
        Path root = published();
        Files.delete(root.resolve("val/val_annotations.txt"));
        assertThat(refusal(root, Split.VAL))
                .startsWith(root + " cannot be read: ")
                .contains("val_annotations.txt");
    }

    @Test
    void theRealArchiveIsReadWhole() throws IOException, BrokenImageException {
        Path real = Path.of("../shared/data/tiny-imagenet-200.tar");
        assumeTrue(Files.exists(real), real + " is not here");
        try (Dataset train = TinyImageNet.open(real, Split.TRAIN);
                Dataset validation = TinyImageNet.open(real, Split.VAL);
                Dataset folder = ImageFolder.open(real)) {
            assertThat(train.size()).isEqualTo(20_000);
            assertThat(validation.size()).isEqualTo(2_000);
            assertThat(folder.size()).isEqualTo(22_000);
            assertThat(train.classNames()).hasSize(200).contains("goldfish, Carassius auratus");
            var labels = new HashSet<Integer>();
            for (int index = 0; index < train.size(); index += 97) {
                Sample sample = train.read(index);
                labels.addAll(sample.labels());
                Box box = sample.boxes().getFirst().box();
                try (Pixels pixels = Pixels.of(sample.name(), sample.picture())) {
                    assertThat(List.of(pixels.width(), pixels.height())).containsOnly(64);
                }
                assertThat(box.x() + box.width()).isLessThanOrEqualTo(64);
                assertThat(box.y() + box.height()).isLessThanOrEqualTo(64);
            }
            assertThat(labels).hasSizeGreaterThan(190);
        }
    }
}
