package dev.isoflop.image;

/// One view of a picture, as a network sees it: a part of it, resized, perhaps mirrored,
/// normalised.
///
/// Methods that also change colours will add their steps here, each drawn from the same generator
/// after these.
///
/// @param size side of the square view in pixels
/// @param crop which part is shown
/// @param flip how often it is mirrored left to right, as a share
public record View(int size, Crop crop, double flip) {

    public View {
        if (size < 1) {
            throw new IllegalArgumentException(
                    "a view's size is " + size + "; write its side in pixels, such as 224");
        }
        if (!(flip >= 0 && flip <= 1)) {
            throw new IllegalArgumentException("flip is " + flip + "; write a share from 0 to 1");
        }
    }

    /// MAE's only augmentation: a random resized crop of a fifth or more, mirrored half the time.
    public static View mae(int size) {
        return new View(size, Crop.RandomResized.mae(), 0.5);
    }

    /// For evaluation: the central crop, never mirrored.
    public static View central(int size) {
        return new View(size, Crop.Central.imageNet(), 0);
    }
}
