package dev.isoflop.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.isoflop.data.loader.Chunk;
import dev.isoflop.data.loader.Item;
import dev.isoflop.data.loader.Loader;
import dev.isoflop.fault.InputException;
import dev.isoflop.image.BrokenImageException;
import dev.isoflop.image.SampleFiles;
import dev.isoflop.image.View;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// The kinds `ade20k` and `image-mask`.
class IndexMasksTest {

    private static final byte[] IMAGE = SampleFiles.jpeg(SampleFiles.gradient(3, 2));

    @TempDir Path temporary;

    private void image(String path) {
        Tars.write(temporary.resolve(path), IMAGE);
    }

    private void mask(String path, int... values) {
        Tars.write(temporary.resolve(path), Pngs.grey(3, 2, values));
    }

    private ImageMasks.Config folders(int classes, Background background) {
        return new ImageMasks.Config(
                temporary.resolve("images"),
                temporary.resolve("masks"),
                classes,
                Optional.empty(),
                background);
    }

    private Ade20k.Config ade(Path path, Ade20k.Split split) {
        return new Ade20k.Config(path, split, Background.IGNORED);
    }

    private static int[] values(Dataset data, int index) throws Exception {
        Mask mask = data.readWithMask(index).mask().orElseThrow();
        int[] values = new int[mask.width() * mask.height()];
        Arrays.setAll(values, i -> mask.at(i % mask.width(), i / mask.width()));
        return values;
    }

    private String refusal(Source source) {
        try (Dataset data = source.open()) {
            for (int i = 0; i < data.size(); i++) {
                data.readWithMask(i);
            }
            return "none";
        } catch (InputException e) {
            return Objects.requireNonNull(e.getMessage()).replace(temporary + "/", "");
        } catch (IOException | BrokenImageException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void imagesAndMasksOfOneNameBelongTogether() throws Exception {
        image("images/a/1.jpg");
        image("images/b/1.jpg");
        mask("masks/a/1.png", 0, 1, 2, 3, 255, 0);
        mask("masks/b/1.png", 3, 3, 3, 3, 3, 3);
        try (ImageMasks data = folders(3, Background.CLASS).open()) {
            assertThat(data.size()).isEqualTo(2);
            assertThat(data.fields()).containsExactly(Field.MASKS);
            assertThat(data.nameOf(0)).isEqualTo("a/1.jpg");
            assertThat(data.read(0).mask()).isEmpty();
            assertThat(values(data, 0)).containsExactly(0, 1, 2, 3, 255, 0);
            assertThat(MaskLabels.of(data).names())
                    .containsExactly("class 0", "class 1", "class 2", "background");
            assertThat(MaskLabels.of(data).of(data.readWithMask(0).mask().orElseThrow()))
                    .containsExactly(3, 0, 1, 2, -1, 3);
        }
    }

    @Test
    void withoutABackgroundZeroIsTheFirstClass() throws Exception {
        image("images/1.jpg");
        mask("masks/1.png", 0, 1, 2, 2, 255, 0);
        try (ImageMasks data = folders(3, Background.NONE).open()) {
            assertThat(MaskLabels.of(data).names()).hasSize(3);
            assertThat(MaskLabels.of(data).of(data.readWithMask(0).mask().orElseThrow()))
                    .containsExactly(0, 1, 2, 2, -1, 0);
        }
        mask("masks/1.png", 0, 1, 3, 2, 255, 0);
        assertThat(refusal(folders(3, Background.NONE)))
                .isEqualTo(
                        "masks/1.png has 3 at column 2, row 0; with 3 classes and data.background"
                                + " none it may have 0 to 2, and 255 for what is ignored");
    }

    @Test
    void imagesOfOneNameCannotShareAMask() {
        image("images/1.jpg");
        image("images/1.png");
        mask("masks/1.png", 0, 1, 2, 1, 255, 0);
        assertThat(refusal(folders(3, Background.IGNORED)))
                .isEqualTo(
                        "1.png of masks belongs to 1.png and to another image of that name; rename"
                                + " one of them and give it a mask of its own");
    }

    @Test
    void aLabelOutsideTheClassesIsNamedWithItsPlace() {
        image("images/1.jpg");
        mask("masks/1.png", 0, 1, 3, 2, 4, 0);
        assertThat(refusal(folders(3, Background.IGNORED)))
                .isEqualTo(
                        "masks/1.png has 4 at column 1, row 1; with 3 classes and data.background"
                                + " ignored it may have 0 to 3, and 255 for what is ignored");
    }

    /// OpenCV would hand out the palette's colours, and stretch grey of few bits.
    @Test
    void indicesOfAPaletteAreReadAsTheyStand() throws Exception {
        image("images/1.jpg");
        for (int bits : new int[] {1, 2, 4, 8}) {
            int[] values = {0, 1, 1, 0, 1, bits == 1 ? 0 : 3};
            byte[] file = Pngs.palette(bits, 3, 2, values);
            assertThat(file[24]).as("bits").isEqualTo((byte) bits);
            assertThat(file[25]).as("kind: palette").isEqualTo((byte) 3);
            Tars.write(temporary.resolve("masks/1.png"), file);
            try (ImageMasks data = folders(3, Background.IGNORED).open()) {
                assertThat(values(data, 0)).isEqualTo(values);
            }
        }
    }

    @Test
    void masksOfOtherKindsAreRefused() {
        image("images/1.jpg");
        Tars.write(temporary.resolve("masks/1.png"), Pngs.colour(3, 2));
        assertThat(refusal(folders(3, Background.IGNORED)))
                .isEqualTo(
                        "masks/1.png is in colour; a mask has one number a pixel: 8-bit grey, or a"
                                + " palette");
        Tars.write(temporary.resolve("masks/1.png"), Pngs.grey16(3, 2));
        assertThat(refusal(folders(3, Background.IGNORED)))
                .startsWith("masks/1.png has 16 bits a pixel; a mask has 8 at most");
        Tars.write(temporary.resolve("masks/1.png"), IMAGE);
        assertThat(refusal(folders(3, Background.IGNORED)))
                .startsWith("masks/1.png is a JPEG; a mask is a PNG");
    }

    @Test
    void aTruncatedMaskCountsAsABrokenImage() {
        for (int i = 0; i < 4; i++) {
            image("images/" + i + ".jpg");
            mask("masks/" + i + ".png", 0, 1, 2, 3, 3, i);
        }
        byte[] whole = Pngs.grey(3, 2, 0, 0, 0, 0, 0, 0);
        Tars.write(temporary.resolve("masks/2.png"), Arrays.copyOf(whole, whole.length - 20));
        try (ImageMasks data = folders(3, Background.IGNORED).open();
                Loader loader =
                        Loader.withMasks(
                                data,
                                List.of(View.segmentation(8)),
                                MaskLabels.of(data),
                                new Loader.Settings(4, 4, 1, 1, 1, 1),
                                0,
                                4);
                Chunk chunk = loader.take()) {
            assertThat(chunk.items())
                    .extracting(Item::name)
                    .containsExactlyInAnyOrder("0.jpg", "1.jpg", "3.jpg", "3.jpg");
            assertThat(loader.broken().all())
                    .singleElement()
                    .satisfies(broken -> {
                        assertThat(broken.name()).endsWith("masks/2.png");
                        assertThat(broken.reason()).startsWith("truncated: ");
                    });
        }
    }

    @Test
    void whatDoesNotMatchIsRefusedAtOnce() {
        image("images/1.jpg");
        image("images/2.jpg");
        mask("masks/2.png", 0, 0, 0, 0, 0, 0);
        assertThat(refusal(folders(3, Background.IGNORED)))
                .isEqualTo(
                        "1 of the 2 images in images have no mask in masks: 1.jpg; a mask is a PNG"
                                + " of its image's name; add it, or move the image away");
        mask("masks/1.png", 0, 0, 0, 0, 0, 0);
        mask("masks/3.png", 0, 0, 0, 0, 0, 0);
        assertThat(refusal(folders(3, Background.IGNORED)))
                .isEqualTo(
                        "1 of the 3 masks in masks have no image in images: 3.png; move them away");
    }

    @Test
    void classesHaveNamesOrANumber() throws Exception {
        image("images/1.jpg");
        mask("masks/1.png", 0, 1, 2, 0, 0, 0);
        Path names = temporary.resolve("names.txt");
        Files.writeString(names, "cat\n\n dog \n");
        Path images = temporary.resolve("images");
        Path masks = temporary.resolve("masks");
        var named = new ImageMasks.Config(images, masks, 0, Optional.of(names), Background.IGNORED);
        try (ImageMasks data = named.open()) {
            assertThat(data.classNames()).containsExactly("cat", "dog");
        }
        assertThat(
                        refusal(
                                new ImageMasks.Config(
                                        images, masks, 3, Optional.of(names), Background.IGNORED)))
                .isEqualTo("names.txt names 2 classes, and data.classes is 3; write a name a line");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> folders(0, Background.IGNORED))
                .withMessageStartingWith("classes is 0; write how many classes the masks have, or");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> folders(255, Background.IGNORED))
                .withMessage("classes is 255; masks of 8 bits have at most 254");
    }

    @Test
    void ade20kIsReadAsPublished() throws Exception {
        image("ADE/images/training/ADE_train_1.jpg");
        mask("ADE/annotations/training/ADE_train_1.png", 0, 1, 150, 2, 2, 2);
        image("ADE/images/validation/ADE_val_1.jpg");
        mask("ADE/annotations/validation/ADE_val_1.png", 7, 7, 7, 7, 7, 7);
        for (Path path : List.of(temporary.resolve("ADE"), Tars.pack(temporary.resolve("ADE")))) {
            try (Ade20k data = ade(path, Ade20k.Split.TRAIN).open()) {
                assertThat(data.size()).isEqualTo(1);
                assertThat(data.classNames())
                        .hasSize(150)
                        .startsWith("wall", "building", "sky")
                        .endsWith("clock", "flag")
                        .doesNotHaveDuplicates();
                assertThat(values(data, 0)).containsExactly(0, 1, 150, 2, 2, 2);
                MaskLabels labels = MaskLabels.of(data);
                assertThat(labels.names()).hasSize(150);
                assertThat(labels.of(data.readWithMask(0).mask().orElseThrow()))
                        .containsExactly(-1, 0, (byte) 149, 1, 1, 1);
            }
            try (Ade20k data = ade(path, Ade20k.Split.VAL).open()) {
                assertThat(data.nameOf(0)).endsWith("images/validation/ADE_val_1.jpg");
            }
        }
        mask("ADE/annotations/training/ADE_train_1.png", 0, 1, 151, 2, 2, 2);
        assertThat(refusal(ade(temporary.resolve("ADE"), Ade20k.Split.TRAIN)))
                .startsWith("ADE/annotations/training/ADE_train_1.png has 151 at column 2, row 0;");
    }

    @Test
    void theClassesOfAde20kAreThoseOfItsOwnList() throws Exception {
        image("images/training/1.jpg");
        mask("annotations/training/1.png", 0, 1, 2, 2, 2, 2);
        var info = new StringBuilder("Idx\tRatio\tTrain\tVal\tStuff\tName\n");
        for (int i = 1; i <= 150; i++) {
            info.append("%d\t0.1\t1\t1\t0\tthing %d, stuff\n".formatted(i, i));
        }
        Tars.write(temporary.resolve("objectInfo150.txt"), info.toString());
        try (Ade20k data = ade(temporary, Ade20k.Split.TRAIN).open()) {
            assertThat(data.classNames()).startsWith("thing 1").endsWith("thing 150");
        }
        Tars.write(temporary.resolve("objectInfo150.txt"), "Idx\tName\n1\twall\n");
        assertThat(refusal(ade(temporary, Ade20k.Split.TRAIN)))
                .isEqualTo(
                        "objectInfo150.txt lists 1 classes; it should have a header and 150 lines");
    }

    @Test
    void anEmptyPartOrAnotherLayoutIsRefused() {
        image("images/training/1.jpg");
        mask("annotations/training/1.png", 0, 1, 2, 2, 2, 2);
        assertThat(refusal(ade(temporary, Ade20k.Split.VAL)))
                .isEqualTo(
                        "images/validation holds no images; name the folder of the .jpg or .png"
                                + " files");
        assertThat(refusal(ade(temporary.resolve("images"), Ade20k.Split.VAL)))
                .startsWith(
                        "images is not laid out as SceneParse150: it has neither"
                                + " annotations/training nor annotations/validation; for other");
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> new Ade20k.Config(temporary, Ade20k.Split.VAL, Background.NONE))
                .withMessageStartingWith("background is none; these masks have pixels without");
    }
}
