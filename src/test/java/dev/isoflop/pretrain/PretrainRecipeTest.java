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
import java.util.List;

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
    void theProbeOfAShippedRecipeCanBeLeftOut() {
        Table shipped = Table.read(Path.of("recipes/demo/mae.yaml"));
        assertThat(PretrainRecipe.from(shipped).probe()).isPresent();
        assertThat(PretrainRecipe.from(shipped.with("probe", "none")).probe()).isEmpty();
        assertThatExceptionOfType(InputException.class)
                .isThrownBy(() -> PretrainRecipe.from(shipped.with("probe", "never")))
                .withMessageContaining("probe is \"never\"; write none");
    }

    /// Three images of COCO, of which one is annotated.
    private PretrainRecipe supervised(String annotations, String settings) throws Exception {
        for (String name : List.of("a.jpg", "b.jpg", "c.jpg")) {
            Files.writeString(temporary.resolve(name), "an image");
        }
        Files.writeString(
                temporary.resolve("i.json"),
                """
                {"images": [{"id": 1, "file_name": "a.jpg"}, {"id": 2, "file_name": "b.jpg"},
                            {"id": 3, "file_name": "c.jpg"}],
                 "annotations": [%s],
                 "categories": [{"id": 7, "name": "cat"}]}
                """
                        .formatted(annotations));
        return PretrainRecipe.from(
                Table.parse(
                        "r.yaml",
                        """
                        name: short
                        method: {name: supervised%s}
                        encoder: B/16
                        budget: 2 steps
                        batch: 2
                        data: {kind: coco, path: %s, instances: %s}
                        """
                                .formatted(settings, temporary, temporary.resolve("i.json"))));
    }

    private static final String CAT =
            """
            {"id": 1, "image_id": 2, "category_id": 7, "bbox": [0, 0, 9, 9]}\
            """;

    @Test
    void imagesThatLackWhatTheMethodNeedsAreRefusedBeforeTheFirstStep() throws Exception {
        PretrainRecipe refusing = supervised(CAT, "");
        try (Dataset data = refusing.open()) {
            assertThatExceptionOfType(InputException.class)
                    .isThrownBy(() -> refusing.on(data))
                    .withMessage(
                            ("2 of the 3 images of %s lack labels, the first a.jpg (nothing is"
                                 + " annotated), which method supervised learns from; label them,"
                                 + " or take them off the data, or set method.unlabelled=skip")
                                    .formatted(temporary));
        }
    }

    @Test
    void imagesThatTheMethodSkipsAreCountedBeforeTheFirstStep() throws Exception {
        PretrainRecipe skipping = supervised(CAT, ", unlabelled: skip");
        try (Dataset data = skipping.open()) {
            assertThat(skipping.on(data).method().classes()).isEqualTo(1);
            assertThat(skipping.notes(data))
                    .containsExactly(
                            ("2 of the 3 images of %s lack labels, the first a.jpg (nothing is"
                                            + " annotated); they count for nothing")
                                    .formatted(temporary));
        }
        PretrainRecipe nothing = supervised("", ", unlabelled: skip");
        try (Dataset data = nothing.open()) {
            assertThatExceptionOfType(InputException.class)
                    .as("nothing is left to learn from")
                    .isThrownBy(() -> nothing.on(data))
                    .withMessageStartingWith("3 of the 3 images of ")
                    .withMessageEndingWith("learns from; label them, or take them off the data");
        }
    }

    @Test
    void aPlanOfStatedImagesRefusesNumbersOfWordNetForCaptionsWhereTheFoldersAreAtHand()
            throws Exception {
        Path train = Files.createDirectories(temporary.resolve("imagenet/train"));
        String data = "{kind: folder, images: 45, pseudo-captions: true, path: " + temporary;
        assertThat(recipe(data + "/elsewhere}").datasetSize()).isEqualTo(45);
        Files.createDirectories(train.resolve("cat"));
        Files.createDirectories(train.resolve("dog"));
        assertThat(recipe(data + "/imagenet}").datasetSize()).isEqualTo(45);
        Files.createDirectories(train.resolve("n01440764"));
        assertThatExceptionOfType(InputException.class)
                .isThrownBy(() -> recipe(data + "/imagenet, held-out: 0.1}").datasetSize())
                .withMessageStartingWith(
                        "1 of the 3 classes of "
                                + temporary.resolve("imagenet")
                                + " have numbers of WordNet for names: n01440764; ");
        String names = "/imagenet, class-names: " + temporary.resolve("names.txt") + "}";
        assertThat(recipe(data + names).datasetSize()).as("to be had later").isEqualTo(45);
        Files.writeString(temporary.resolve("names.txt"), "n01440764\n");
        assertThatExceptionOfType(InputException.class)
                .isThrownBy(() -> recipe(data + names).datasetSize())
                .withMessageContaining("names.txt:1  is \"n01440764\"; write lines such as ");
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
