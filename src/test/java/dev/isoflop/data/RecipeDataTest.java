package dev.isoflop.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.isoflop.fault.InputException;
import dev.isoflop.recipe.Table;

import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.util.Optional;

/// What a recipe says of its images.
class RecipeDataTest {

    private static final int IMAGE = 224;

    private static Source data(String table) {
        Table recipe = Table.parse("r.yaml", "data: " + table + "\n");
        Source source = Source.from(recipe.table("data"), IMAGE);
        long _ = Source.stated(recipe.table("data"), source);
        recipe.done();
        return source;
    }

    /// How many images a recipe says there are; 0 where they are counted.
    private static long stated(String table) {
        Table recipe = Table.parse("r.yaml", "data: " + table + "\n");
        return Source.stated(recipe.table("data"), Source.from(recipe.table("data"), IMAGE));
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
                "r.yaml:1:1  data.captions is missing, and so is instances; name one of COCO's"
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
                "r.yaml:1:36  data.captions is not known here; known are kind, path, class-names,"
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
                "r.yaml:1:1  data.classes is 0; write how many classes the masks have, or"
                        + " class-names: a file with a name a line");
        refuses(
                "{kind: world, background: none}",
                "r.yaml:1:33  data.background is none; these masks have pixels without a class:"
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
        assertThat(stated("{kind: world, images: 50, held-out: 0.5}"))
                .as("the images are those of both parts; the part's are counted")
                .isZero();
        assertThat(stated("{kind: folder, path: images, images: 45, held-out: 0.1}")).isEqualTo(45);
        refuses(
                "{kind: folder, path: images, part: held-out}",
                "r.yaml:1:36  data.part has no effect here; remove it");
        refuses(
                "{kind: folder, path: images, held-out: 10}",
                "r.yaml:1:46  data.held-out is 10.0; write a share above 0 and below 1, such as"
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

    @Test
    void classesOfFoldersAndOfTinyImageNetMayHaveNamesFromAFile() {
        var folder = new ImageFolder.Config(Path.of("images"));
        var named = new NamedClasses.Config(folder, Path.of("words.txt"));
        assertThat(data("{kind: folder, path: images, class-names: words.txt}")).isEqualTo(named);
        assertThat(
                        data(
                                "{kind: folder, path: images, class-names: words.txt,"
                                        + " pseudo-captions: true}"))
                .isEqualTo(new PseudoCaptions.Config(named));
        Source tiny = data("{kind: tiny-imagenet, path: t, class-names: words.txt}");
        assertThat(tiny.validation())
                .contains(
                        new NamedClasses.Config(
                                new TinyImageNet.Config(Path.of("t"), TinyImageNet.Split.VAL),
                                Path.of("words.txt")));
        refuses(
                "{kind: world, class-names: words.txt}",
                "r.yaml:1:21  data.class-names is not known here; known are kind, images, side,"
                        + " seed, background, things, least-radius, most-radius, turn, shapes,"
                        + " textures, colours, backdrops, labels, pseudo-captions, hierarchy,"
                        + " held-out, part, held-out-seed");
    }

    @Test
    void theImagesOfAGeneratedWorldAreThoseOfBothPartsWhateverIsMadeOfIt() {
        String world = "{kind: world, images: 50, held-out: 0.5, ";
        assertThat(stated(world + "pseudo-captions: true}")).isZero();
        assertThat(stated(world + "hierarchy: is_a.txt}")).isZero();
        assertThat(stated(world + "pseudo-captions: true, hierarchy: is_a.txt}")).isZero();
        assertThat(stated("{kind: world, images: 50, pseudo-captions: true}")).isEqualTo(50);
        assertThat(stated("{kind: world}")).isEqualTo(100_000);
        assertThat(
                        stated(
                                "{kind: folder, path: images, images: 45, held-out: 0.1,"
                                        + " pseudo-captions: true}"))
                .as("the part's, of what is not generated")
                .isEqualTo(45);
    }

    @Test
    void everyKindIsReadAndAnUnknownOneIsToldOfThem() {
        String keys = "path: p, captions: c, masks: m, classes: 2";
        assertThat(Source.KINDS)
                .extracting(kind -> {
                    Table t =
                            Table.parse(
                                    "r.yaml", "kind: " + kind + "\n" + keys.replace(", ", "\n"));
                    return (Object) Source.from(t, IMAGE).getClass();
                })
                .doesNotHaveDuplicates()
                .hasSize(Source.class.getPermittedSubclasses().length - 4); // made of another
        assertThatExceptionOfType(InputException.class)
                .isThrownBy(() -> data("{kind: photos}"))
                .withMessageContainingAll(Source.KINDS.toArray(CharSequence[]::new));
    }

    @Test
    void theImagesOfAGeneratedWorldAreKnownBeforeItIsOpened() {
        assertThat(data("{kind: world, images: 50, pseudo-captions: true}").size()).hasValue(50);
        assertThat(data("{kind: world, images: 50, held-out: 0.5}").size()).isEmpty();
        assertThat(data("{kind: folder, path: images, images: 45}").size()).isEmpty();
    }

    @Test
    void whatIsKeptForValidationIsPublishedGeneratedOrHeldOut() {
        assertThat(data("{kind: world, images: 50, seed: 3}").validation())
                .contains(new World.Config(50, IMAGE, 4));
        assertThat(data("{kind: tiny-imagenet, path: t}").validation())
                .contains(new TinyImageNet.Config(Path.of("t"), TinyImageNet.Split.VAL));
        assertThat(data("{kind: tiny-imagenet, path: t, split: val}").validation()).isEmpty();
        var tiny = new TinyImageNet.Config(Path.of("t"), TinyImageNet.Split.TRAIN);
        assertThat(data("{kind: tiny-imagenet, path: t, held-out: 0.1}").validation())
                .contains(new HeldOut.Config(tiny, 0.1, HeldOut.Part.HELD_OUT, 0));
        assertThat(data("{kind: tiny-imagenet, path: t, held-out: 0.1, part: held-out}"))
                .extracting(Source::validation)
                .isEqualTo(Optional.empty());
        assertThat(data("{kind: folder, path: f}").validation()).isEmpty();
    }

    @Test
    void aSourceIsNamedByItsPlace() {
        assertThat(data("{kind: world, seed: 7}").name()).isEqualTo("world, seed 7");
        assertThat(
                        data("{kind: coco, path: images, captions: c.json, held-out: 0.1,"
                                        + " pseudo-captions: true, hierarchy: is_a.txt}")
                                .name())
                .isEqualTo("images");
    }
}
