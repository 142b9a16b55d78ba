package dev.isoflop.data.world;

import java.util.Locale;

/// The patterns things bear: where their second colour shows, from 0 to 1.
public enum Texture {
    PLAIN {
        @Override
        float accent(float x, float y, float step, int seed) {
            return 0;
        }
    },
    STRIPED {
        @Override
        float accent(float x, float y, float step, int seed) {
            float bands = 2.0f + 1.2f * Noise.hash(1, 0, seed);
            return edge(Noise.wave(x * bands), step * bands * 5);
        }
    },
    DOTTED {
        @Override
        float accent(float x, float y, float step, int seed) {
            float cells = 2.2f + 1.2f * Noise.hash(1, 0, seed);
            float row = y * cells;
            float shifted = x * cells + 0.5f * (Noise.floor(row) & 1);
            float dx = shifted - Noise.floor(shifted) - 0.5f;
            float dy = row - Noise.floor(row) - 0.5f;
            float distance = 0.3f - (float) Math.sqrt(dx * dx + dy * dy);
            return edge(distance, step * cells);
        }
    },
    CHEQUERED {
        @Override
        float accent(float x, float y, float step, int seed) {
            float cells = 1.1f + 0.6f * Noise.hash(1, 0, seed);
            return edge(Noise.wave(x * cells) * Noise.wave(y * cells), step * cells * 5);
        }
    },
    WAVY {
        @Override
        float accent(float x, float y, float step, int seed) {
            float bands = 1.8f + 0.8f * Noise.hash(1, 0, seed);
            float bent = y + 0.16f * Noise.wave(x * 1.4f);
            return edge(Noise.wave(bent * bands), step * bands * 5);
        }
    },
    MARBLED {
        @Override
        float accent(float x, float y, float step, int seed) {
            float clouds = Noise.fractal(x * 1.6f + 9, y * 1.6f + 5, 3, step * 1.6f, seed);
            float vein = 1 - Math.abs(Noise.wave(clouds * 2.2f + 0.3f * x));
            return Noise.step(0.35f, 0.95f, vein);
        }
    };

    /// @param x across the thing, in its radii
    /// @param y down the thing, in its radii
    /// @param step the distance of two pixels, in its radii
    abstract float accent(float x, float y, float step, int seed);

    /// As a caption says it; empty for the plain one.
    public String word() {
        return this == PLAIN ? "" : name().toLowerCase(Locale.ROOT);
    }

    /// An edge at zero, as wide as a pixel; where the pattern is finer than that, its mean.
    private static float edge(float value, float width) {
        return Noise.clamp(0.5f + value / Math.max(width, 0.02f));
    }
}
