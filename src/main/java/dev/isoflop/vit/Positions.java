package dev.isoflop.vit;

/// How a vision transformer knows where a patch was, and with that how its layers begin: each kind
/// as its authors have it.
public enum Positions {
    /// Fixed sines and cosines; Xavier-uniform layers. He et al. 2022 (MAE).
    SINE_COSINE,
    /// Learned; layers normal within 0.02. Dosovitskiy et al. 2021, Caron et al. 2021 (DINO).
    LEARNED
}
