package dev.isoflop.data;

/// Where a recipe's pictures come from: its settings, not yet opened.
///
/// Opening counts files or indexes an archive; it decodes nothing and loads no native library.
public sealed interface Source
        permits World.Config,
                ImageFolder.Config,
                TinyImageNet.Config,
                Coco.Config,
                CaptionedFolder.Config,
                Ade20k.Config,
                ImageMasks.Config,
                HeldOut.Config,
                PseudoCaptions.Config,
                ExpandedLabels.Config {

    /// Finds the pictures.
    ///
    /// @throws dev.isoflop.fault.InputException if there are none, saying what was found instead
    Dataset open();
}
