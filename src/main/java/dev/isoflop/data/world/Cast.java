package dev.isoflop.data.world;

import dev.isoflop.fault.Check;

import java.util.List;

/// What a world's scenes are drawn from: which things there are, how many, how large and how
/// turned, and before which backdrops.
///
/// @param things that a scene has, at most; one at least
/// @param leastRadius of a thing, in sides of the picture
/// @param mostRadius of a thing that is alone; each further one takes 0.03 of it
/// @param turn by which a thing is rotated, at most, as a share of a full turn
/// @param shapes of things; the order in which all these are named decides nothing
/// @param textures of things
/// @param colours of things
/// @param backdrops of scenes
public record Cast(
        int things,
        float leastRadius,
        float mostRadius,
        float turn,
        List<Shape> shapes,
        List<Texture> textures,
        List<Colour> colours,
        List<Backdrop> backdrops) {

    /// One to four things of whatever there is.
    public static final Cast USUAL =
            new Cast(
                    4,
                    0.11f,
                    0.33f,
                    1,
                    List.of(Shape.values()),
                    List.of(Texture.values()),
                    List.of(Colour.values()),
                    List.of(Backdrop.values()));

    private static final int MOST_THINGS = 16;
    private static final float SMALLEST = 0.05f;
    private static final float LARGEST = 0.5f;

    public Cast {
        Check.that(
                things >= 1 && things <= MOST_THINGS,
                "things is %s; it must lie between 1 and %s",
                things,
                MOST_THINGS);
        Check.that(
                leastRadius >= SMALLEST && leastRadius <= LARGEST,
                "leastRadius is %s; write a share of the picture's side between %s and %s",
                leastRadius,
                SMALLEST,
                LARGEST);
        Check.that(
                mostRadius >= leastRadius && mostRadius <= LARGEST,
                "mostRadius is %s; it must lie between least-radius, %s, and %s",
                mostRadius,
                leastRadius,
                LARGEST);
        Check.that(
                turn >= 0 && turn <= 1,
                "turn is %s; write a share of a full turn between 0 and 1",
                turn);
        shapes = sorted("shapes", shapes);
        textures = sorted("textures", textures);
        colours = sorted("colours", colours);
        backdrops = sorted("backdrops", backdrops);
    }

    private static <E extends Enum<E>> List<E> sorted(String name, List<E> some) {
        Check.that(!some.isEmpty(), "%s is empty; name one at least", name);
        return some.stream().distinct().sorted().toList();
    }
}
