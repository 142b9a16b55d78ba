package dev.isoflop.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.isoflop.fault.InputException;
import dev.isoflop.recipe.Table;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

class ViewSettingsTest {

    private static View read(String yaml, View fallback) {
        Table recipe = Table.parse("r.yaml", "view: {" + yaml + "}\n");
        View view = ViewSettings.from(recipe.table("view"), fallback);
        recipe.done();
        return view;
    }

    @Test
    void anEmptyTableIsTheMethodsOwnView() {
        List<View> views =
                List.of(
                        View.mae(64),
                        View.simClr(64),
                        View.byolFirst(64),
                        View.byolSecond(64),
                        View.dinoGlobalFirst(64),
                        View.dinoGlobalSecond(64),
                        View.dinoLocal(32),
                        View.clip(64),
                        View.supervised(64),
                        View.central(64),
                        View.segmentation(64),
                        View.segmentationCentral(64));
        for (View view : views) {
            assertThat(read("", view)).isEqualTo(view);
        }
    }

    @Test
    void everyKeyReplacesItsOwnSetting() {
        View view =
                read(
                        """
                        crop: clamped, min-scale: 0.3, max-scale: 0.9, resampling: pillow-bilinear,
                        flip: 0.25, arithmetic: eight-bit, jitter: 0.7, brightness: 0.1,
                        brightness-kind: additive, contrast: 0.2, saturation: 0.3, hue: 0.4,
                        grayscale: 0.6, blur: 0.8, blur-min: 0.4, blur-max: 1.6, blur-kind: boxes,
                        solarise: 0.15, solarise-threshold: 0.75\
                        """,
                        View.mae(64));

        assertThat(view)
                .isEqualTo(
                        new View(
                                64,
                                new Crop.Clamped(0.3, 0.9, 3.0 / 4, 4.0 / 3),
                                Resampling.PILLOW_BILINEAR,
                                0.25,
                                new Colour(
                                        Colour.Arithmetic.EIGHT_BIT,
                                        new Colour.Jitter(
                                                0.7,
                                                Colour.Brightness.ADDITIVE,
                                                0.1,
                                                0.2,
                                                0.3,
                                                0.4),
                                        0.6,
                                        new Colour.Blur(0.8, Colour.Kernel.BOXES, 0.4, 1.6),
                                        new Colour.Solarise(0.15, 0.75))));
    }

    @Test
    void resamplingIsReadByItsName() {
        assertThat(read("resampling: tf-bicubic", View.byolFirst(64)))
                .isEqualTo(
                        new View(
                                64,
                                View.byolFirst(64).crop(),
                                Resampling.TF_BICUBIC,
                                0.5,
                                View.byolFirst(64).colour()));
    }

    /// A.3: BYOL's crop and rescaling are those of its official code; SimCLR's code has the same.
    @Test
    void theStudysRecipesOfByolAndSimClrResizeAsTensorFlowDoes() throws IOException {
        int count = 0;
        try (DirectoryStream<Path> files =
                Files.newDirectoryStream(Path.of("recipes/paper"), "{byol,simclr}-*.yaml")) {
            for (Path file : files) {
                Table recipe = Table.read(file);
                boolean isByol = file.getFileName().toString().startsWith("byol");
                View usual = isByol ? View.byolSecond(224) : View.simClr(224);
                View view = ViewSettings.from(recipe.table("view"), usual);
                assertThat(view)
                        .as(file.toString())
                        .isEqualTo(
                                new View(
                                        224,
                                        usual.crop(),
                                        Resampling.TF_BICUBIC,
                                        usual.flip(),
                                        usual.colour()));
                count++;
            }
        }
        assertThat(count).isEqualTo(10);
    }

    @Test
    void anotherCropKeepsTheMethodsScales() {
        assertThat(read("crop: distorted-box", View.mae(64)).crop())
                .isEqualTo(new Crop.DistortedBox(0.2, 1, 3.0 / 4, 4.0 / 3, 0.1));
        assertThat(read("crop: random-resized", View.clip(64)).crop())
                .isEqualTo(Crop.RandomResized.of(0.08, 1));
    }

    @Test
    void aWindowHasFactorsAndABase() {
        assertThat(
                        read(
                                        "crop: random-window, base: 0, least-factor: 1,"
                                                + " most-factor: 1.5, factor-step: 0.5",
                                        View.mae(64))
                                .crop())
                .isEqualTo(new Window.Random(64, 0, 1, 1.5, 0.5));
        assertThat(read("base: 80", View.segmentationCentral(64)).crop())
                .isEqualTo(new Window.Central(64, 80));
        assertThat(read("apply: 0.25", View.segmentation(64)).colour().apply()).isEqualTo(0.25);
    }

    @Test
    void scalesDoNothingToASquareAndAreRefused() {
        assertThatThrownBy(() -> read("crop: random-square, min-scale: 0.5", View.mae(64)))
                .isInstanceOf(InputException.class)
                .hasMessage("r.yaml:1:29  view.min-scale has no effect here; remove it");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "max-scale: 1.5 | view.max-scale is 1.5; write the greatest share",
                "min-scale: 0 | view.min-scale is 0.0; write the least share",
                "flip: 2 | view.flip is 2.0; write a share from 0 to 1",
                "jitter: -1 | view.jitter is -1.0; write a share from 0 to 1",
                "hue: 0.7 | view.hue is 0.7; write how far hues turn",
                "blur-min: 0 | view.blur-min is 0.0; write the least width",
                "blur-max: 0.01 | view.blur-max is 0.01; write the greatest width",
                "solarise-threshold: 128 | view.solarise-threshold is 128.0; write a value from 0",
                "blur-kind: box | view.blur-kind is \"box\"; write one of gaussian, boxes",
                "resampling: lanczos | view.resampling is \"lanczos\"; write one of pillow-bicubic,"
                        + " pillow-bilinear, libtorch-bicubic, tf-bicubic",
                "arithmetic: 8-bit | view.arithmetic is \"8-bit\"; write one of float, eight-bit",
                "apply: 2 | view.apply is 2.0; write a share from 0 to 1",
                "crop: random-window, factor-step: 0.4 | view.factor-step is 0.4; write a step",
                "base: 12 | view.base has no effect here; remove it",
                "jiter: 0.5 | view.jiter is not known here; did you mean jitter?"
            })
    void aMistakeIsNamedByItsKey(String yaml, String message) {
        assertThatThrownBy(() -> read(yaml, View.mae(64)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(message);
    }
}
