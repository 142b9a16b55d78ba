package dev.isoflop.data.coco;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// What bounds a thing, as its annotation's `segmentation` has it: polygons, or run lengths.
///
/// A polygon has three corners or more. What has fewer encloses nothing: beside other polygons it
/// adds nothing, as with pycocotools; alone it is no outline. (pycocotools takes four numbers that
/// come first for a box, or fails over them.)
public final class Outline {

    static final JsonFactory JSON =
            JsonFactory.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

    /// What is said of an annotation that has none.
    static final String MISSING = "it has none";

    private static final int LEAST_NUMBERS = 6; // of a polygon: three corners
    private static final int SIDES = 2; // of a size

    private final boolean keeps;
    private final List<double[]> polygons = new ArrayList<>();
    private int enclosing; // polygons of three corners or more
    private int slivers; // polygons of fewer
    private int numbers; // of the polygon read last
    private final long[] size = new long[SIDES]; // height and width
    private int sides;
    private @Nullable String counts;
    private int @Nullable [] runs;
    private @Nullable String fault;

    private Outline(boolean keeps) {
        this.keeps = keeps;
    }

    /// Reads one to paint or to measure it.
    ///
    /// @param json as it stands in the file
    /// @throws IllegalArgumentException saying why it will not do
    public static Outline of(byte[] json) {
        try (JsonParser p = JSON.createParser(ObjectReadContext.empty(), json)) {
            p.nextToken();
            var outline = new Outline(true);
            outline.read(p);
            if (outline.fault != null) {
                throw new IllegalArgumentException(outline.fault);
            }
            return outline;
        } catch (JacksonException e) {
            throw new IllegalArgumentException(e.getOriginalMessage(), e);
        }
    }

    /// Passes over one, and notes what it could not be painted for.
    static Outline passedOver(JsonParser p) {
        var outline = new Outline(false);
        outline.read(p);
        return outline;
    }

    /// Why it cannot be painted; null where it can, as far as its form tells.
    @Nullable String fault() {
        return fault;
    }

    /// Polygons that enclose nothing, beside others that do.
    int slivers() {
        return slivers;
    }

    /// The pixels inside, painted in one colour; later ones over earlier ones.
    ///
    /// @param values `height x width`, row by row
    /// @throws IllegalArgumentException if it is that of an image of another size
    public void paint(int width, int height, byte[] values, byte value) {
        if (enclosing > 0) {
            for (double[] polygon : polygons) {
                Rle.polygon(width, height, polygon).paint(values, value);
            }
            return;
        }
        if (sides != SIDES || size[0] != height || size[1] != width) {
            throw new IllegalArgumentException(
                    "its size is %s, and its image is %d x %d (width x height)"
                            .formatted(
                                    sides == SIDES
                                            ? "[" + size[0] + "," + size[1] + "]"
                                            : "missing",
                                    width,
                                    height));
        }
        runLengths(width, height).paint(values, value);
    }

    /// What it encloses, in pixels: of polygons by their corners, as the published areas are.
    public double area() {
        if (enclosing > 0) {
            return polygons.stream().mapToDouble(Outline::area).sum();
        }
        return sides == SIDES && size[0] > 0 && size[1] > 0
                ? runLengths(Math.toIntExact(size[1]), Math.toIntExact(size[0])).area()
                : 0;
    }

    private Rle runLengths(int width, int height) {
        if (counts != null) {
            return Rle.parse(width, height, counts);
        }
        return Rle.of(width, height, runs == null ? new int[0] : runs);
    }

    private static double area(double[] polygon) {
        double twice = 0;
        int n = polygon.length;
        for (int i = 0; i < n; i += 2) {
            int next = (i + 2) % n;
            twice += polygon[i] * polygon[next + 1] - polygon[next] * polygon[i + 1];
        }
        return Math.abs(twice) / 2;
    }

    private void read(JsonParser p) {
        switch (p.currentToken()) {
            case START_ARRAY -> readPolygons(p);
            case START_OBJECT -> readRuns(p);
            case VALUE_NULL -> fault = MISSING;
            default -> fault = "it is " + Value.found(p) + ", neither polygons nor run lengths";
        }
    }

    private void readPolygons(JsonParser p) {
        while (p.nextToken() != JsonToken.END_ARRAY) {
            if (p.currentToken() == JsonToken.START_ARRAY) {
                readPolygon(p);
            } else {
                complain(
                        "it has %s where a polygon should begin; write a list of lists: [[x, y, ...]]"
                                .formatted(Value.found(p)));
                p.skipChildren();
            }
        }
        if (enclosing == 0 && slivers == 0) {
            complain("it is an empty list; leave it out, or write three corners or more");
        } else if (enclosing == 0) {
            complain(
                    String.format(
                            Locale.ROOT,
                            "its polygon has %d numbers and encloses nothing; write three corners"
                                    + " or more, x and y in turn",
                            numbers));
            slivers = 0;
        }
    }

    private void readPolygon(JsonParser p) {
        double[] corners = new double[keeps ? 16 : 0];
        numbers = 0;
        while (p.nextToken() != JsonToken.END_ARRAY) {
            if (!p.currentToken().isNumeric() || p.isNaN()) {
                complain("a polygon's corner is " + Value.found(p));
                p.skipChildren();
            } else if (keeps) {
                if (numbers == corners.length) {
                    corners = Arrays.copyOf(corners, 2 * numbers);
                }
                corners[numbers] = p.getDoubleValue();
            }
            numbers++;
        }
        if (numbers % 2 != 0) {
            complain("a polygon has %d numbers; it should have pairs".formatted(numbers));
        }
        if (numbers < LEAST_NUMBERS) {
            slivers++;
            return;
        }
        enclosing++;
        if (keeps) {
            polygons.add(Arrays.copyOf(corners, numbers));
        }
    }

    private void readRuns(JsonParser p) {
        while (p.nextToken() == JsonToken.PROPERTY_NAME) {
            String key = p.currentName();
            p.nextToken();
            switch (key) {
                case "size" -> readSize(p);
                case "counts" -> readCounts(p);
                default -> p.skipChildren();
            }
        }
        if (sides != SIDES) {
            complain("its size is missing; write [height, width]");
        }
        if (counts == null && runs == null) {
            complain("it is neither polygons nor run lengths");
        }
    }

    private void readSize(JsonParser p) {
        if (p.currentToken() != JsonToken.START_ARRAY) {
            complain("its size is " + Value.found(p) + "; write [height, width]");
            p.skipChildren();
            return;
        }
        while (p.nextToken() != JsonToken.END_ARRAY) {
            if (p.currentToken() != JsonToken.VALUE_NUMBER_INT) {
                complain("its size has " + Value.found(p) + "; write [height, width]");
                p.skipChildren();
            } else if (sides < SIDES) {
                size[sides] = p.getValueAsLong(-1);
            }
            sides++;
        }
    }

    private void readCounts(JsonParser p) {
        if (p.currentToken() == JsonToken.VALUE_STRING) {
            counts = p.getString();
            return;
        }
        if (p.currentToken() != JsonToken.START_ARRAY) {
            p.skipChildren();
            return;
        }
        int[] read = new int[keeps ? 64 : 0];
        int n = 0;
        while (p.nextToken() != JsonToken.END_ARRAY) {
            if (p.currentToken() != JsonToken.VALUE_NUMBER_INT) {
                complain("a run is " + Value.found(p) + " pixels long");
                p.skipChildren();
            } else if (keeps) {
                if (n == read.length) {
                    read = Arrays.copyOf(read, 2 * n);
                }
                read[n++] = p.getValueAsInt(-1);
            }
        }
        runs = Arrays.copyOf(read, n);
    }

    private void complain(String complaint) {
        if (fault == null) {
            fault = complaint;
        }
    }
}
