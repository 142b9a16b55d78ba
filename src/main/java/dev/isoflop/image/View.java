package dev.isoflop.image;

/// One view of a picture, as a network sees it: a part of it, resized, perhaps mirrored, with
/// changed colours, normalised.
///
/// Chance enters in this order, from one generator: the crop, the flip, then the colours in the
/// order of {@link Colour}.
///
/// The views here are those of each method's authors, as their code has them. Of Koppula et al.
/// 2022 (A.3) that is what they say for
///
/// - BYOL: "the same training crop and rescaling augmentations" as its paper and official
///   implementation. Of the colours they say nothing.
/// - CLIP: the same of CLIP's paper.
/// - DINO: "the same augmentations as in the official implementation".
/// - `supervised`: "the standard crop-resize augmentation"; no figures.
/// - SimCLR: nothing; it shares BYOL's optimisation.
/// - MAE: nothing; A.3 has no paragraph on it.
///
/// One thing differs from the authors: BYOL's and SimCLR's own code resizes by TensorFlow's filter,
/// while these views have Pillow's. {@link Resampling#TF_BICUBIC} is theirs, and the choice of the
/// recipes of the study's runs.
///
/// @param size side of the square view in pixels
/// @param crop which part is shown
/// @param resampling how it is resized
/// @param flip how often it is mirrored left to right, as a share
/// @param colour what chance does to its colours
public record View(int size, Crop crop, Resampling resampling, double flip, Colour colour) {

    private static final double HALF = 0.5; // flipped, by all methods but CLIP

    public View {
        if (size < 1) {
            throw new IllegalArgumentException(
                    "a view's size is " + size + "; write its side in pixels, such as 224");
        }
        Range.share("flip", flip);
        if (crop instanceof Window window && window.side() != size) {
            throw new IllegalArgumentException(
                    "a window of %d pixels does not fit a view of %d"
                            .formatted(window.side(), size));
        }
    }

    /// MAE's only augmentation: a random resized crop of a fifth or more, mirrored half the time.
    public static View mae(int size) {
        return new View(
                size, Crop.RandomResized.mae(), Resampling.LIBTORCH_BICUBIC, HALF, Colour.NONE);
    }

    /// Either of SimCLR's views, of `data_util.py`: TensorFlow's distorted bounding box of 8% or
    /// more, and strong colours.
    public static View simClr(int size) {
        return new View(
                size, Crop.DistortedBox.simClr(), Resampling.PILLOW_BICUBIC, HALF, Colour.simClr());
    }

    /// BYOL's first view, of `dataset.py` and `augmentations.py`: always blurred, never solarised.
    public static View byolFirst(int size) {
        return byol(size, 1, 0);
    }

    /// BYOL's second view: a tenth blurred, a fifth solarised.
    public static View byolSecond(int size) {
        return byol(size, 0.1, 0.2);
    }

    private static View byol(int size, double blur, double solarise) {
        return new View(
                size,
                Crop.Clamped.byol(),
                Resampling.PILLOW_BICUBIC,
                HALF,
                Colour.byol(blur, solarise));
    }

    /// DINO's first global view, of `main_dino.py`: 40% or more, always blurred.
    public static View dinoGlobalFirst(int size) {
        return dino(size, 0.4, 1, 1, 0);
    }

    /// DINO's second global view: 40% or more, a tenth blurred, a fifth solarised.
    public static View dinoGlobalSecond(int size) {
        return dino(size, 0.4, 1, 0.1, 0.2);
    }

    /// Each of DINO's local views: 5% to 40%, half of them blurred.
    ///
    /// @param size 96 in the authors' code, beside global views of 224
    public static View dinoLocal(int size) {
        return dino(size, 0.05, 0.4, 0.5, 0);
    }

    private static View dino(
            int size, double minScale, double maxScale, double blur, double solarise) {
        return new View(
                size,
                Crop.RandomResized.of(minScale, maxScale),
                Resampling.PILLOW_BICUBIC,
                HALF,
                Colour.dino(blur, solarise));
    }

    /// CLIP's only augmentation: a random square of the image's shorter side, never mirrored
    /// (Radford et al. 2021, section 2.5).
    public static View clip(int size) {
        return new View(size, new Crop.RandomSquare(), Resampling.PILLOW_BICUBIC, 0, Colour.NONE);
    }

    /// Supervised training's "standard crop-resize" (Koppula et al. 2022, A.3), which the study
    /// says no more about: Inception's crop of 8% or more, mirrored half the time.
    public static View supervised(int size) {
        return new View(
                size, Crop.RandomResized.of(0.08, 1), Resampling.PILLOW_BICUBIC, HALF, Colour.NONE);
    }

    /// Training on masks, as Koppula et al. 2022 do (A.4): rescaled by 0.5 to 2 in steps of 0.25, a
    /// random window, BYOL's colours with weaker settings. They say nothing of mirroring or the
    /// filter; here half are mirrored, and the filter is bilinear, as in mmsegmentation, and
    /// antialiased.
    ///
    /// @param size 512 in the study
    public static View segmentation(int size) {
        return new View(
                size,
                Window.Random.of(size),
                Resampling.PILLOW_BILINEAR,
                HALF,
                Colour.segmentation());
    }

    /// Evaluation on masks, as Koppula et al. 2022 do: the window in the middle.
    ///
    /// @param size 512 in the study
    public static View segmentationCentral(int size) {
        return new View(size, Window.Central.of(size), Resampling.PILLOW_BILINEAR, 0, Colour.NONE);
    }

    /// For evaluation: the central crop, never mirrored.
    public static View central(int size) {
        return new View(size, Crop.Central.imageNet(), Resampling.LIBTORCH_BICUBIC, 0, Colour.NONE);
    }
}
