package dev.isoflop.data.coco;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// A region of a picture as COCO writes it: the lengths of runs, outside and inside in turn, down
/// one column after the other.
///
/// Reference: `maskApi.c` of pycocotools, whose strings and whose polygons these are to the pixel.
public final class Rle {

    private static final int FINER = 5; // steps of a polygon's outline a pixel
    private static final int BITS = 5; // of a run's length, a character
    private static final int MORE = 1 << BITS; // another character follows
    private static final int SIGN = 1 << (BITS - 1);
    private static final int FIRST = 48; // the character that is 0
    private static final int SAME = 2; // a run is written as its difference to the one so many back

    private final int width;
    private final int height;
    private final int[] runs;

    private Rle(int width, int height, int[] runs) {
        this.width = width;
        this.height = height;
        this.runs = runs;
    }

    /// A region of runs, the first outside.
    ///
    /// @throws IllegalArgumentException if they are not as long as the picture is large
    public static Rle of(int width, int height, int[] runs) {
        long sum = 0;
        for (int run : runs) {
            if (run < 0) {
                throw new IllegalArgumentException("a run is %d pixels long".formatted(run));
            }
            sum += run;
        }
        if (sum != (long) width * height) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "its runs cover %,d pixels of %d x %d",
                            sum,
                            width,
                            height));
        }
        return new Rle(width, height, runs.clone());
    }

    /// A region of which each pixel is known.
    ///
    /// @param inside down one column after the other
    public static Rle of(int width, int height, boolean[] inside) {
        int[] runs = new int[inside.length + 1];
        int n = 0;
        boolean now = false;
        for (boolean next : inside) {
            if (next != now) {
                now = next;
                n++;
            }
            runs[n]++;
        }
        return of(width, height, Arrays.copyOf(runs, n + 1));
    }

    /// Reads a compressed string: 5 bits a character, a run's difference to the last of its kind
    /// from the fourth on.
    ///
    /// @throws IllegalArgumentException if it is none, or not as long as the picture is large
    public static Rle parse(int width, int height, String counts) {
        int[] runs = new int[counts.length()];
        int n = 0;
        int at = 0;
        while (at < counts.length()) {
            long run = 0;
            int shift = 0;
            int bits;
            do {
                bits = at < counts.length() ? counts.charAt(at++) - FIRST : -1;
                if (bits < 0 || bits >= 2 * MORE || shift > Integer.SIZE) {
                    throw new IllegalArgumentException(
                            "its counts are no run lengths: \"%s\"".formatted(counts));
                }
                run |= (long) (bits & (MORE - 1)) << shift;
                shift += BITS;
            } while ((bits & MORE) != 0);
            if ((bits & SIGN) != 0) {
                run |= -1L << shift;
            }
            runs[n] = (int) (n > SAME ? run + runs[n - SAME] : run);
            n++;
        }
        return of(width, height, Arrays.copyOf(runs, n));
    }

    /// The pixels within a polygon, by pycocotools' rule: the outline is drawn five times finer,
    /// and a column's pixels lie between the crossings of its centre.
    ///
    /// @param corners x and y in turn, in pixels; they may lie outside
    public static Rle polygon(int width, int height, double[] corners) {
        int n = corners.length / 2;
        int[] xs = new int[n + 1];
        int[] ys = new int[n + 1];
        for (int i = 0; i <= n; i++) {
            xs[i] = (int) (FINER * corners[2 * (i % n)] + 0.5);
            ys[i] = (int) (FINER * corners[2 * (i % n) + 1] + 0.5);
        }
        int[] crossings = new int[16];
        int found = 0;
        for (int i = 0; i < n; i++) {
            int steps = Math.max(Math.abs(xs[i + 1] - xs[i]), Math.abs(ys[i + 1] - ys[i]));
            int lastX = along(xs[i], xs[i + 1], ys[i], ys[i + 1], 0, steps);
            int lastY = along(ys[i], ys[i + 1], xs[i], xs[i + 1], 0, steps);
            for (int step = 1; step <= steps; step++) {
                int x = along(xs[i], xs[i + 1], ys[i], ys[i + 1], step, steps);
                int y = along(ys[i], ys[i + 1], xs[i], xs[i + 1], step, steps);
                int crossed = x == lastX ? -1 : crossing(Math.min(x, lastX), width);
                if (crossed >= 0) {
                    if (found == crossings.length) {
                        crossings = Arrays.copyOf(crossings, 2 * found);
                    }
                    crossings[found++] = crossed * height + row(Math.min(y, lastY), height);
                }
                lastX = x;
                lastY = y;
            }
        }
        return between(width, height, Arrays.copyOf(crossings, found));
    }

    /// One coordinate of a point of an edge: whole steps along its longer side, the other rounded,
    /// always reckoned from the lesser end of the longer side.
    private static int along(int from, int to, int otherFrom, int otherTo, int step, int steps) {
        int length = Math.abs(to - from);
        int otherLength = Math.abs(otherTo - otherFrom);
        if (length == steps) {
            return from <= to ? from + step : from - step;
        }
        boolean turned = otherFrom > otherTo;
        int start = turned ? to : from;
        int end = turned ? from : to;
        int steady = turned ? steps - step : step;
        double slope = (double) (end - start) / otherLength;
        return (int) (start + slope * steady + 0.5);
    }

    /// The column whose centre lies between a fine column and the next, or -1.
    private static int crossing(int fine, int width) {
        double x = (fine + 0.5) / FINER - 0.5;
        boolean isCentre = Math.floor(x) == x && x >= 0 && x <= width - 1;
        return isCentre ? (int) x : -1;
    }

    /// The first row whose centre lies below a fine row.
    private static int row(int fine, int height) {
        double y = (fine + 0.5) / FINER - 0.5;
        return (int) Math.ceil(Math.clamp(y, 0, height));
    }

    /// Runs between crossings; two at one place are none.
    private static Rle between(int width, int height, int[] crossings) {
        Arrays.sort(crossings);
        int[] runs = new int[crossings.length + 1];
        int n = 0;
        int last = 0;
        boolean odd = false;
        for (int i = 0; i < crossings.length; i++) {
            odd = !odd;
            boolean isLastHere = i + 1 == crossings.length || crossings[i + 1] != crossings[i];
            if (isLastHere && odd) {
                runs[n++] = crossings[i] - last;
                last = crossings[i];
            }
            odd &= !isLastHere;
        }
        if (last < width * height) {
            runs[n++] = width * height - last;
        }
        return of(width, height, Arrays.copyOf(runs, n));
    }

    /// What is within any of some regions of one picture.
    static Rle union(List<Rle> regions) {
        Rle first = regions.getFirst();
        boolean[] inside = new boolean[first.width * first.height];
        for (Rle region : regions) {
            int at = 0;
            for (int i = 0; i < region.runs.length; i++) {
                if (i % 2 == 1) {
                    Arrays.fill(inside, at, at + region.runs[i], true);
                }
                at += region.runs[i];
            }
        }
        return of(first.width, first.height, inside);
    }

    /// In pixels.
    public int width() {
        return width;
    }

    /// In pixels.
    public int height() {
        return height;
    }

    /// The lengths of its runs; a copy.
    public int[] runs() {
        return runs.clone();
    }

    /// Pixels inside.
    long area() {
        long area = 0;
        for (int i = 1; i < runs.length; i += 2) {
            area += runs[i];
        }
        return area;
    }

    /// The compressed string that {@link #parse} reads.
    public String counts() {
        var text = new StringBuilder();
        for (int i = 0; i < runs.length; i++) {
            int rest = i > SAME ? runs[i] - runs[i - SAME] : runs[i];
            boolean more;
            do {
                int bits = rest & (MORE - 1);
                rest >>= BITS;
                more = rest != ((bits & SIGN) != 0 ? -1 : 0);
                text.append((char) ((more ? bits | MORE : bits) + FIRST));
            } while (more);
        }
        return text.toString();
    }

    /// Sets the pixels inside.
    ///
    /// @param values `height x width`, row by row
    public void paint(byte[] values, byte value) {
        int at = 0;
        for (int i = 0; i < runs.length; i++) {
            if (i % 2 == 1) {
                int x = at / height;
                int y = at % height;
                for (int left = runs[i]; left > 0; left--) {
                    values[y * width + x] = value;
                    if (++y == height) {
                        y = 0;
                        x++;
                    }
                }
            }
            at += runs[i];
        }
    }
}
