package dev.isoflop.image;

/// One change of a view's colours with its numbers drawn: what is left when chance is done.
///
/// Figures are for values from 0 (black) to 1 (white), whichever arithmetic runs them.
sealed interface Step {

    /// Adds to all channels.
    record Lighter(double delta) implements Step {}

    /// Multiplies all channels.
    record Brightness(double factor) implements Step {}

    /// Moves values from their mean: in floats each channel's own, in 8 bits that of the grey
    /// picture.
    record Contrast(double factor) implements Step {}

    /// In floats multiplies the saturation of HSV; in 8 bits moves channels from the pixel's grey.
    record Saturation(double factor) implements Step {}

    /// Turns the hue of HSV.
    ///
    /// @param turn of the circle, -0.5 to 0.5
    record Hue(double turn) implements Step {}

    /// Replaces each channel by the pixel's grey.
    record Grayscale() implements Step {}

    /// Averages neighbours with the weights of a Gaussian of `2 * radius + 1` pixels, black
    /// outside.
    ///
    /// @param sigma in pixels
    /// @param radius in pixels
    record GaussianBlur(double sigma, int radius) implements Step {}

    /// Averages neighbours by three box blurs, the border's pixels repeated outside.
    ///
    /// @param sigma in pixels
    record BoxBlur(double sigma) implements Step {}

    /// Inverts the values from a threshold upwards.
    record Solarise(double threshold) implements Step {}
}
