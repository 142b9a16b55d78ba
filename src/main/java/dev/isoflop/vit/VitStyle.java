package dev.isoflop.vit;

import dev.isoflop.fault.Check;

/// What vision transformers of the same shape compute differently, by whose code trained them.
///
/// Pure: holds no tensor and needs no native library.
///
/// @param normEpsilon of every layer norm, inside its root
/// @param activation between the two layers of each MLP
/// @param normFirst whether tokens are normed before the first block, and patches embedded without
///   a bias
public record VitStyle(double normEpsilon, Activation activation, boolean normFirst) {

    /// timm's, and that of the authors of MAE and DINO.
    public static final VitStyle TIMM = new VitStyle(1e-6, Activation.GELU, false);

    /// OpenAI's: Alec Radford et al., *Learning Transferable Visual Models From Natural Language
    /// Supervision*, ICML 2021, [arXiv:2103.00020](https://arxiv.org/abs/2103.00020).
    public static final VitStyle CLIP = new VitStyle(1e-5, Activation.QUICK_GELU, true);

    /// What stands between the two layers of an MLP.
    public enum Activation {
        /// `x Phi(x)`, exact, with the error function.
        GELU,
        /// `x sigmoid(1.702 x)`: OpenAI's approximation.
        QUICK_GELU
    }

    public VitStyle {
        Check.that(
                normEpsilon > 0 && normEpsilon < 1,
                "normEpsilon is %s; it must lie between 0 and 1, such as 1e-6",
                normEpsilon);
    }
}
