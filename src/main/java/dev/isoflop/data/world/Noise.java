package dev.isoflop.data.world;

/// Smooth random functions of the plane, and the few curves that drawing needs. Lengths are in
/// sides of the picture.
final class Noise {

    private Noise() {}

    /// A random value from 0 to 1 for a lattice point.
    static float hash(int x, int y, int seed) {
        int h = x * 0x27d4eb2d + y * 0x165667b1 + seed * 0x9e3779b1;
        h = (h ^ (h >>> 15)) * 0x85ebca6b;
        h = (h ^ (h >>> 13)) * 0xc2b2ae35;
        return ((h ^ (h >>> 16)) >>> 8) * 0x1p-24f;
    }

    /// Value noise from 0 to 1 with one lattice point a unit.
    static float value(float x, float y, int seed) {
        int ix = floor(x);
        int iy = floor(y);
        float u = eased(x - ix);
        float v = eased(y - iy);
        float top = mix(hash(ix, iy, seed), hash(ix + 1, iy, seed), u);
        float bottom = mix(hash(ix, iy + 1, seed), hash(ix + 1, iy + 1, seed), u);
        return mix(top, bottom, v);
    }

    /// A sum of octaves from about 0 to 1, each twice as fine and half as strong; those finer than
    /// a pixel fade out, so that a scene is the same at any resolution.
    ///
    /// @param step the distance of two pixels in the units of `x` and `y`
    static float fractal(float x, float y, int octaves, float step, int seed) {
        float sum = 0;
        float all = 0;
        float strength = 1;
        float scale = 1;
        for (int octave = 0; octave < octaves; octave++) {
            float seen = clamp(1.5f - scale * step * 1.5f);
            all += strength;
            sum +=
                    seen == 0
                            ? 0.5f * strength
                            : strength
                                    * mix(
                                            0.5f,
                                            value(x * scale, y * scale, seed + 131 * octave),
                                            seen);
            strength *= 0.5f;
            scale *= 2;
        }
        return sum / all;
    }

    /// A wave like the sine, of period 1, from -1 to 1: two parabolas, corrected once.
    static float wave(float turns) {
        float t = turns - floor(turns);
        float parabola = t < 0.5f ? 16 * t * (0.5f - t) : -16 * (t - 0.5f) * (1 - t);
        return parabola * (0.775f + 0.225f * Math.abs(parabola));
    }

    /// 0 below `low`, 1 above `high`, smooth between.
    static float step(float low, float high, float x) {
        float t = clamp((x - low) / (high - low));
        return t * t * (3 - 2 * t);
    }

    static float mix(float a, float b, float share) {
        return a + (b - a) * share;
    }

    static float clamp(float x) {
        return x < 0 ? 0 : x > 1 ? 1 : x;
    }

    static int floor(float x) {
        int whole = (int) x;
        return x < whole ? whole - 1 : whole;
    }

    private static float eased(float t) {
        return t * t * t * (t * (t * 6 - 15) + 10);
    }
}
