package dev.isoflop.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.isoflop.data.Dataset;
import dev.isoflop.data.Datasets;
import dev.isoflop.fault.InputException;
import dev.isoflop.recipe.Table;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;

class PretrainRecipeTest {

    @TempDir Path temporary = Path.of("");

    private static PretrainRecipe recipe(String data) {
        return PretrainRecipe.from(
                Table.parse(
                        "r.yaml",
                        """
                        name: short
                        method: {name: mae}
                        encoder: B/16
                        budget: 1 PFLOP
                        batch: 64
                        """
                                + "data: "
                                + data
                                + "\n"));
    }

    @Test
    void aPartOfAGeneratedWorldOpensAlsoWithPseudoCaptions() throws Exception {
        String world = "{kind: world, side: 16, images: 60, held-out: 0.5, pseudo-captions: true";
        try (Dataset train = recipe(world + "}").open();
                Dataset held = recipe(world + ", part: held-out}").open()) {
            assertThat(train.size() + held.size()).isEqualTo(60);
            assertThat(train.captions(0).getFirst()).startsWith("This is a photo of ");
        }
    }

    @Test
    void imagesThatAreNotAsManyAsTheRecipeSaysAreRefused() throws Exception {
        String held = "{kind: world, side: 16, images: 60, held-out: 0.5}";
        try (Datasets open = new Datasets()) {
            assertThat(recipe(held).open(open).size()).isBetween(10, 50);
        }
        Files.writeString(temporary.resolve("1.jpg"), "a cat");
        String folder = "{kind: folder, images: 45, path: " + temporary + "}";
        assertThatExceptionOfType(InputException.class)
                .isThrownBy(() -> recipe(folder).open().close())
                .withMessage(
                        "data.images is 45, but there are 1 in "
                                + temporary
                                + "; correct it, or leave it out");
    }
}
