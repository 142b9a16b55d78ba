package dev.isoflop.data.world;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.random.RandomGenerator;

/// What is in a picture: one to four things before a backdrop, and the light. It has no resolution.
///
/// @param things from back to front; at least one
/// @param light the direction it comes from, as a share of a full turn, clockwise from the right
/// @param warmth of the light, from -1 (blue) to 1 (orange)
/// @param seed decides the backdrop's pattern
public record Scene(List<Thing> things, Backdrop backdrop, float light, float warmth, int seed) {

    private static final int PLACES_TRIED = 24;

    /// By how much the largest possible radius shrinks with each thing there is.
    private static final float CROWDING = 0.03f;

    /// Which share of their radii two things keep between their middles: some hide a part of
    /// others.
    private static final float DISTANCE = 0.78f;

    public Scene {
        things = List.copyOf(things);
    }

    /// A random scene of the usual cast.
    public static Scene random(RandomGenerator random) {
        return random(Cast.USUAL, random);
    }

    /// A random scene.
    ///
    /// @param cast how many things there may be, and of what size
    public static Scene random(Cast cast, RandomGenerator random) {
        int count = 1 + random.nextInt(cast.things());
        var things = new ArrayList<Thing>();
        for (int i = 0; i < count; i++) {
            place(things, count, cast, random);
        }
        return new Scene(
                things,
                pick(cast.backdrops(), random),
                random.nextFloat(),
                2 * random.nextFloat() - 1,
                random.nextInt(1 << 20));
    }

    /// Adds a thing where there is room; smaller the longer none is found.
    private static void place(List<Thing> things, int count, Cast cast, RandomGenerator random) {
        float least = cast.leastRadius();
        float most = Math.max(least, cast.mostRadius() - CROWDING * (count - 1));
        float radius = least + (most - least) * random.nextFloat();
        for (int attempt = 0; attempt < PLACES_TRIED; attempt++) {
            float margin = 0.85f * radius; // a little may be cut off
            float x = margin + (1 - 2 * margin) * random.nextFloat();
            float y = margin + (1 - 2 * margin) * random.nextFloat();
            if (isClear(things, x, y, radius)) {
                things.add(thing(x, y, radius, cast, random));
                return;
            }
            radius = Math.max(least, 0.95f * radius);
        }
    }

    private static boolean isClear(List<Thing> things, float x, float y, float radius) {
        for (Thing other : things) {
            float dx = other.x() - x;
            float dy = other.y() - y;
            float least = DISTANCE * (other.radius() + radius);
            if (dx * dx + dy * dy < least * least) {
                return false;
            }
        }
        return true;
    }

    private static Thing thing(float x, float y, float radius, Cast cast, RandomGenerator random) {
        Colour colour = pick(cast.colours(), random);
        boolean bright =
                switch (colour) {
                    case WHITE, YELLOW -> false;
                    case BLACK -> true;
                    default -> random.nextBoolean();
                };
        return new Thing(
                pick(cast.shapes(), random),
                pick(cast.textures(), random),
                colour,
                x,
                y,
                radius,
                cast.turn() * random.nextFloat(),
                bright,
                random.nextInt(1 << 20));
    }

    private static <T> T pick(List<T> values, RandomGenerator random) {
        return values.get(random.nextInt(values.size()));
    }

    /// The things, the one that covers most first.
    public List<Thing> bySize() {
        return things.stream().sorted(Comparator.comparingDouble(Thing::area).reversed()).toList();
    }

    /// Two descriptions: one that says where things are, and one that only names them.
    public List<String> captions() {
        return List.of(relations() + " " + backdrop.phrase(), names() + " " + backdrop.phrase());
    }

    private String relations() {
        List<Thing> sorted = bySize();
        String first = withArticle(sorted.getFirst().phrase());
        if (sorted.size() == 1) {
            return first;
        }
        Thing second = sorted.get(1);
        String pair =
                first
                        + " "
                        + relation(sorted.getFirst(), second)
                        + " "
                        + withArticle(second.phrase());
        if (sorted.size() == 2) {
            return pair;
        }
        List<String> others =
                sorted.stream().skip(2).map(thing -> withArticle(thing.phrase())).toList();
        return pair + ", with " + String.join(" and ", others);
    }

    private String names() {
        List<String> names =
                bySize().stream().map(thing -> withArticle(thing.shortPhrase())).toList();
        int last = names.size() - 1;
        return last == 0
                ? names.getFirst()
                : String.join(", ", names.subList(0, last)) + " and " + names.get(last);
    }

    private static String relation(Thing thing, Thing other) {
        float dx = thing.x() - other.x();
        float dy = thing.y() - other.y();
        if (Math.abs(dx) > Math.abs(dy)) {
            return dx < 0 ? "left of" : "right of";
        }
        return dy < 0 ? "above" : "below";
    }

    private static String withArticle(String phrase) {
        return ("aeiou".indexOf(phrase.charAt(0)) >= 0 ? "an " : "a ") + phrase;
    }
}
