package dev.isoflop.vit;

/// How an encoder's positions are made to fit images of another size.
public enum Resizing {
    /// Each kind by its own rule: fixed sines and cosines are computed anew for the new grid, as
    /// the authors of MAE would have them; learned ones are interpolated bicubically, as the
    /// authors of DINO do.
    OWN,
    /// Both kinds are interpolated bicubically, so that fixed ones keep the scale they were trained
    /// with.
    INTERPOLATED
}
