package dev.isoflop.pretrain;

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
import dev.isoflop.data.TinyImageNet;
import dev.isoflop.data.World;
import dev.isoflop.recipe.Table;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The `data` of a recipe.
public final class Sources {

    private static final List<String> KINDS =
            List.of(
                    "world",
                    "folder",
                    "tiny-imagenet",
                    "coco",
                    "image-text",
                    "ade20k",
                    "image-mask");
    private static final int WORLD_IMAGES = 100_000;
    private static final String HELD_OUT = "held-out";
    private static final String PART = "part";
    private static final String HELD_OUT_SEED = "held-out-seed";
    private static final String BACKGROUND = "background";

    private Sources() {}

    /// Reads it.
    ///
    /// @param image side that the run's images will have
    public static Source from(Table t, int image) {
        Source source = pictures(t, image);
        if (t.flag("pseudo-captions", false)) {
            source = new PseudoCaptions.Config(source);
        }
        Optional<Path> hierarchy = path(t, "hierarchy");
        return part(
                t,
                hierarchy.isPresent()
                        ? new ExpandedLabels.Config(source, hierarchy.get())
                        : source);
    }

    /// One part of a source, where the recipe holds something out.
    private static Source part(Table t, Source whole) {
        if (!t.has(HELD_OUT)) {
            List.of(PART, HELD_OUT_SEED).forEach(t::isTable); // known, and without effect
            return whole;
        }
        return t.build(() ->
                new HeldOut.Config(
                        whole,
                        t.real(HELD_OUT),
                        t.choice(PART, HeldOut.Part.TRAIN),
                        t.whole(HELD_OUT_SEED, 0)));
    }

    private static Source pictures(Table t, int image) {
        return switch (t.choice("kind", KINDS).toLowerCase(Locale.ROOT)) {
            case "world" ->
                    t.build(() ->
                            new World.Config(
                                    t.count("images", WORLD_IMAGES),
                                    t.count("side", image),
                                    t.whole("seed", 0),
                                    t.choice(BACKGROUND, Background.CLASS)));
            case "folder" -> new ImageFolder.Config(t.path("path"));
            case "tiny-imagenet" ->
                    new TinyImageNet.Config(
                            t.path("path"), t.choice("split", TinyImageNet.Split.TRAIN));
            case "coco" ->
                    t.build(() ->
                            new Coco.Config(
                                    t.path("path"),
                                    path(t, "captions"),
                                    path(t, "instances"),
                                    t.choice(BACKGROUND, Background.CLASS)));
            case "ade20k" ->
                    t.build(() ->
                            new Ade20k.Config(
                                    t.path("path"),
                                    t.choice("split", Ade20k.Split.TRAIN),
                                    t.choice(BACKGROUND, Background.IGNORED)));
            case "image-mask" ->
                    t.build(() ->
                            new ImageMasks.Config(
                                    t.path("path"),
                                    t.path("masks"),
                                    t.count("classes", 0),
                                    path(t, "class-names"),
                                    t.choice(BACKGROUND, Background.IGNORED)));
            case "image-text" -> new CaptionedFolder.Config(t.path("path"), path(t, "captions"));
            default -> throw t.fault("kind", "has no settings");
        };
    }

    private static Optional<Path> path(Table t, String key) {
        return t.has(key) ? Optional.of(t.path(key)) : Optional.empty();
    }

    /// How many images there are, where the recipe says or decides it; else 0. The images of a
    /// world of which a part is held out are those of both parts, and are counted.
    public static long images(Table t, Source source) {
        return source instanceof HeldOut.Config(World.Config _, _, _, _)
                ? 0
                : t.whole("images", images(source));
    }

    private static long images(Source source) {
        return switch (source) {
            case World.Config world -> world.images();
            case PseudoCaptions.Config of -> images(of.source());
            case ExpandedLabels.Config of -> images(of.source());
            case HeldOut.Config _ -> 0;
            case Ade20k.Config _, ImageMasks.Config _ -> 0;
            case ImageFolder.Config _,
                    TinyImageNet.Config _,
                    Coco.Config _,
                    CaptionedFolder.Config _ ->
                    0;
        };
    }

    /// Where the images come from, in a word.
    public static String name(Source source) {
        return switch (source) {
            case World.Config world -> "world, seed " + world.seed();
            case ImageFolder.Config folder -> folder.path().toString();
            case TinyImageNet.Config tiny -> tiny.path().toString();
            case Coco.Config coco -> coco.path().toString();
            case CaptionedFolder.Config captioned -> captioned.path().toString();
            case PseudoCaptions.Config of -> name(of.source());
            case ExpandedLabels.Config of -> name(of.source());
            case Ade20k.Config ade -> ade.path().toString();
            case ImageMasks.Config masks -> masks.path().toString();
            case HeldOut.Config of -> name(of.source());
        };
    }
}
