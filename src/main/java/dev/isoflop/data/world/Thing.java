package dev.isoflop.data.world;

/// One thing in a scene. Lengths are in sides of the picture.
///
/// @param x of its middle, from the left
/// @param y of its middle, from the top
/// @param radius of the circle around it
/// @param turns by which it is rotated clockwise, as a share of a full turn
/// @param bright whether its second colour is lighter than its first, else darker
/// @param seed decides its pattern and shade
public record Thing(
        Shape shape,
        Texture texture,
        Colour colour,
        float x,
        float y,
        float radius,
        float turns,
        boolean bright,
        int seed) {

    static final float SMALL = 0.15f;
    static final float LARGE = 0.24f;

    /// The area it covers, roughly: for comparison only.
    public float area() {
        return shape.fullness * radius * radius;
    }

    /// Such as "large striped red triangle".
    public String phrase() {
        String size = radius < SMALL ? "small " : radius > LARGE ? "large " : "";
        return size + shortPhrase();
    }

    /// Such as "striped red triangle".
    String shortPhrase() {
        String pattern = texture.word().isEmpty() ? "" : texture.word() + " ";
        return pattern + colour.word() + " " + shape.word();
    }
}
