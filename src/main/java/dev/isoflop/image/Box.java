package dev.isoflop.image;

/// A rectangle of whole pixels; `x` and `y` are its upper left corner.
public record Box(int x, int y, int width, int height) {

    public Box {
        if (x < 0 || y < 0 || width < 1 || height < 1) {
            throw new IllegalArgumentException(
                    "a box of %d x %d at (%d, %d) covers no pixels of an image"
                            .formatted(width, height, x, y));
        }
    }
}
