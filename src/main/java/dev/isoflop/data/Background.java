package dev.isoflop.data;

/// What a network is told of the pixels that a mask gives no class, {@link Mask#BACKGROUND}; in a
/// recipe `ignored`, `class` or `none`.
public enum Background {
    /// They count for nothing, neither in the loss nor in a score: ADE20K's rule, which
    /// mmsegmentation calls `reduce_zero_label`.
    IGNORED,

    /// They are a class of their own, after all others, called "background".
    CLASS,

    /// There are none: in the mask's file 0 is the first class.
    NONE
}
