package dev.isoflop.budget;

import java.util.Locale;

/// The number format of matrix products.
public enum Precision {
    /// 32-bit IEEE floating point throughout.
    F32,
    /// bfloat16 matrix products by autocast; weights, sums and the optimiser stay in 32 bits.
    BF16,
    /// 64-bit IEEE floating point throughout: for checks against reference numbers.
    F64;

    /// The name in recipes: `f32`, `bf16`, `f64`.
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
