package dev.isoflop.data;

import dev.isoflop.recipe.Table;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

/// Where a recipe's pictures come from: its settings, not yet opened.
///
/// This file is the only list of sources: `permits`, {@link #KINDS} and the `switch` over them.
/// Each source reads its own settings and knows its own facts. Opening counts files or indexes an
/// archive; it decodes nothing and loads no native library.
public sealed interface Source
        permits World.Config,
                ImageFolder.Config,
                TinyImageNet.Config,
                Coco.Config,
                CaptionedFolder.Config,
                Ade20k.Config,
                ImageMasks.Config,
                HeldOut.Config,
                NamedClasses.Config,
                PseudoCaptions.Config,
                ExpandedLabels.Config {

    /// The formats there are, as `data.kind` names them.
    List<String> KINDS =
            List.of(
                    "world",
                    "folder",
                    "tiny-imagenet",
                    "coco",
                    "image-text",
                    "ade20k",
                    "image-mask");

    /// Reads the `data` of a recipe: a format, and what is made of it.
    ///
    /// @param image side that the run's images will have, in pixels
    static Source from(Table t, int image) {
        Source pictures =
                switch (t.choice("kind", KINDS).toLowerCase(Locale.ROOT)) {
                    case "world" -> World.Config.from(t, image);
                    case "folder" -> ImageFolder.Config.from(t);
                    case "tiny-imagenet" -> TinyImageNet.Config.from(t);
                    case "coco" -> Coco.Config.from(t);
                    case "image-text" -> CaptionedFolder.Config.from(t);
                    case "ade20k" -> Ade20k.Config.from(t);
                    case "image-mask" -> ImageMasks.Config.from(t);
                    default -> throw t.fault("kind", "has no settings");
                };
        Source named = NamedClasses.Config.from(t, pictures);
        Source described = PseudoCaptions.Config.from(t, named);
        Source expanded = ExpandedLabels.Config.from(t, described);
        return HeldOut.Config.from(t, expanded);
    }

    /// How many pictures there are, where the recipe says it (`data.images`) or the source decides
    /// it; else 0.
    ///
    /// @param t the table that the source was read from
    static long stated(Table t, Source source) {
        boolean ofTheWhole =
                source instanceof HeldOut.Config held && held.source().size().isPresent();
        return ofTheWhole ? 0 : t.whole("images", source.size().orElse(0)); // else both parts'
    }

    /// Finds the pictures.
    ///
    /// @throws dev.isoflop.fault.InputException if there are none, saying what was found instead
    Dataset open();

    /// Finds the pictures, where somebody else opens what this source is made of.
    ///
    /// @param opener opens another source
    default Dataset open(Function<Source, Dataset> opener) {
        return open();
    }

    /// Looks at what of it is at hand, and counts nothing: for a plan that needs no picture, which
    /// should all the same not promise what a run will refuse.
    ///
    /// @throws dev.isoflop.fault.InputException if what is there will not do
    default void glance() {}

    /// Where the pictures come from, in a word.
    String name();

    /// How many pictures there are, where that is known before they are opened.
    default OptionalLong size() {
        return OptionalLong.empty();
    }

    /// The part of these pictures that is kept for validation by whoever published them, or another
    /// seed of what is generated; none where a share must be held out.
    default Optional<Source> validation() {
        return Optional.empty();
    }
}
