package dev.isoflop.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.isoflop.data.CaptionedFolder;
import dev.isoflop.data.Coco;
import dev.isoflop.data.ExpandedLabels;
import dev.isoflop.data.ImageFolder;
import dev.isoflop.data.PseudoCaptions;
import dev.isoflop.data.Source;
import dev.isoflop.fault.InputException;
import dev.isoflop.recipe.Table;

import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.util.Optional;

/// What a recipe says of its images.
class RecipeDataTest {

    private static Source data(String table) {
        String recipe =
                """
                name: short
                method: {name: mae}
                encoder: B/16
                budget: 1 PFLOP
                batch: 64
                """;
        return Recipe.from(Table.parse("r.yaml", recipe + "data: " + table + "\n")).data();
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
                        + " pseudo-captions, hierarchy, images");
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
