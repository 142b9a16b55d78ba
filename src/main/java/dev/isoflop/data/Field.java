package dev.isoflop.data;

/// What a dataset may know about its pictures.
public enum Field {
    /// Classes shown; a picture may have none.
    LABELS,
    /// Sentences that describe it; each picture has one or more.
    CAPTIONS,
    /// Where single things are; a picture may have none.
    BOXES,
    /// The class of every pixel; each picture has one.
    MASKS
}
