package dev.isoflop.image;

import dev.isoflop.fault.Check;

/// A view that a method is shown of every image, once or several times.
///
/// @param name in a recipe's `views`
/// @param view which part, and what is done to it
/// @param times how many are cut, each with its own random numbers
public record Showing(String name, View view, int times) {

    public Showing {
        Check.that(times >= 0, "times is %s; it must not be negative", times);
    }

    /// A view that is cut once.
    public static Showing once(String name, View view) {
        return new Showing(name, view, 1);
    }

    /// The same showing of another view.
    public Showing of(View other) {
        return new Showing(name, other, times);
    }
}
