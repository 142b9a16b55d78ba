package dev.isoflop.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.isoflop.data.Ade20k;
import dev.isoflop.data.Background;
import dev.isoflop.data.CaptionedFolder;
import dev.isoflop.data.Coco;
import dev.isoflop.data.ExpandedLabels;
import dev.isoflop.data.HeldOut;
import dev.isoflop.data.ImageFolder;
import dev.isoflop.data.ImageMasks;
import dev.isoflop.data.PseudoCaptions;
import dev.isoflop.data.Source;
import dev.isoflop.fault.InputException;
import dev.isoflop.pretrain.PretrainRecipe;
import dev.isoflop.recipe.Table;

import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.util.Optional;

/// What a recipe says of its images.
class RecipeDataTest {

    private static Source data(String table) {
        return recipe(table).data();
    }

    private static PretrainRecipe recipe(String table) {
        String recipe =
                """
                name: short
                method: {name: mae}
                encoder: B/16
                budget: 1 PFLOP
                batch: 64
                """;
        return PretrainRecipe.from(Table.parse("r.yaml", recipe + "data: " + table + "\n"));
    }

    private static void refuses(String table, String message) {
        assertThatExceptionOfType(InputException.class)
                .isThrownBy(() -> data(table))
                .withMessage(message);
    }

    @Test
    void cocoTakesEitherAnnotationFileOrBoth() {
        assertThat(data("{kind: coco, path: images, captions: c.json}"))
                .isEqualTo(
                        new Coco.Config(
                                Path.of("images"),
                                Optional.of(Path.of("c.json")),
                                Optional.empty()));
        assertThat(data("{kind: coco, path: images, captions: c.json, instances: i.json}"))
                .isEqualTo(
                        new Coco.Config(
                                Path.of("images"),
                                Optional.of(Path.of("c.json")),
                                Optional.of(Path.of("i.json"))));
        refuses(
                "{kind: coco, path: images}",
                "r.yaml:6:1  data.captions is missing, and so is instances; name one of COCO's"
                        + " annotation files, or both");
    }

    @Test
    void captionsMayLieAmongTheImagesOrElsewhere() {
        assertThat(data("{kind: image-text, path: images}"))
                .isEqualTo(new CaptionedFolder.Config(Path.of("images"), Optional.empty()));
        assertThat(data("{kind: image-text, path: images, captions: c.csv}"))
                .isEqualTo(
                        new CaptionedFolder.Config(
                                Path.of("images"), Optional.of(Path.of("c.csv"))));
        refuses(
                "{kind: folder, path: images, captions: c.csv}",
                "r.yaml:6:36  data.captions is not known here; known are kind, path,"
                        + " pseudo-captions, hierarchy, held-out, part, held-out-seed, images");
    }

    @Test
    void masksComeFromFolders() {
        assertThat(data("{kind: ade20k, path: ade, split: val}"))
                .isEqualTo(new Ade20k.Config(Path.of("ade"), Ade20k.Split.VAL, Background.IGNORED));
        assertThat(
                        data(
                                "{kind: image-mask, path: images, masks: masks, classes: 3,"
                                        + " background: none}"))
                .isEqualTo(
                        new ImageMasks.Config(
                                Path.of("images"),
                                Path.of("masks"),
                                3,
                                Optional.empty(),
                                Background.NONE));
        refuses(
                "{kind: image-mask, path: images, masks: masks}",
                "r.yaml:6:1  data.classes is 0; write how many classes the masks have, or"
                        + " class-names: a file with a name a line");
        refuses(
                "{kind: world, background: none}",
                "r.yaml:6:33  data.background is none; these masks have pixels without a class:"
                        + " write ignored or class");
    }

    @Test
    void aPartIsHeldOut() {
        assertThat(data("{kind: folder, path: images, held-out: 0.1, part: held-out}"))
                .isEqualTo(
                        new HeldOut.Config(
                                new ImageFolder.Config(Path.of("images")),
                                0.1,
                                HeldOut.Part.HELD_OUT,
                                0));
        assertThat(recipe("{kind: world, images: 50, held-out: 0.5}").images())
                .as("the images are those of both parts; the part's are counted")
                .isZero();
        assertThat(recipe("{kind: folder, path: images, images: 45, held-out: 0.1}").images())
                .isEqualTo(45);
        refuses(
                "{kind: folder, path: images, part: held-out}",
                "r.yaml:6:36  data.part has no effect here; remove it");
        refuses(
                "{kind: folder, path: images, held-out: 10}",
                "r.yaml:6:46  data.held-out is 10.0; write a share above 0 and below 1, such as"
                        + " 0.1");
    }

    @Test
    void pseudoCaptionsNameAnImagesOwnLabelsNotTheirAncestors() {
        var folder = new ImageFolder.Config(Path.of("images"));
        Path file = Path.of("is_a.txt");
        assertThat(data("{kind: folder, path: images, hierarchy: is_a.txt}"))
                .isEqualTo(new ExpandedLabels.Config(folder, file));
        assertThat(data("{kind: folder, path: images, pseudo-captions: true}"))
                .isEqualTo(new PseudoCaptions.Config(folder));
        assertThat(
                        data(
                                "{kind: folder, path: images, hierarchy: is_a.txt, pseudo-captions:"
                                        + " true}"))
                .isEqualTo(new ExpandedLabels.Config(new PseudoCaptions.Config(folder), file));
    }
}
