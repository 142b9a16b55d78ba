package dev.isoflop.image;

/// What a view showed of a picture: with it, a mask can be cut in the same way.
///
/// @param frame which part, and at which size
/// @param mirrored left to right, within the frame; padding stays where it was
public record Shown(Frame frame, boolean mirrored) {

    /// The picture's column that a column of the frame shows.
    ///
    /// @param x from 0 to the frame's width, exclusive
    public int column(int x) {
        return frame.column(mirrored ? frame.width() - 1 - x : x);
    }

    /// The picture's row that a row of the frame shows.
    ///
    /// @param y from 0 to the frame's height, exclusive
    public int row(int y) {
        return frame.row(y);
    }
}
