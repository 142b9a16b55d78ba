package dev.isoflop.image;

/// A part of a picture, and the size at which a view shows it.
///
/// It lies in the view's upper left corner; where it is smaller than the view, the rest is padding.
///
/// @param box the part, in the picture's pixels
/// @param width that it is resized to, in pixels
/// @param height that it is resized to, in pixels
public record Frame(Box box, int width, int height) {

    public Frame {
        if (width < 1 || height < 1) {
            throw new IllegalArgumentException(
                    "a frame of %d x %d shows nothing".formatted(width, height));
        }
    }

    /// Whether it leaves no room for padding in a view of this side.
    public boolean fills(int side) {
        return width == side && height == side;
    }

    /// The picture's column that a column of the frame shows, by the nearest centre.
    ///
    /// @param x from 0 to the frame's width, exclusive
    public int column(int x) {
        return box.x() + nearest(x, box.width(), width);
    }

    /// The picture's row that a row of the frame shows, by the nearest centre.
    ///
    /// @param y from 0 to the frame's height, exclusive
    public int row(int y) {
        return box.y() + nearest(y, box.height(), height);
    }

    private static int nearest(int at, int from, int to) {
        return (int) ((2L * at + 1) * from / (2L * to));
    }
}
