package dev.isoflop.data.world;

import java.util.Locale;

/// The outlines things have, each as a signed distance: negative inside, in units of the thing's
/// radius, about its middle. After Inigo Quilez's two-dimensional distance functions.
public enum Shape {
    DISC(1.0f) {
        @Override
        float distance(float x, float y) {
            return length(x, y) - 1;
        }
    },
    SQUARE(0.85f) {
        @Override
        float distance(float x, float y) {
            return box(x, y, 0.8f, 0.8f) - 0.05f;
        }
    },
    TRIANGLE(0.65f) {
        @Override
        float distance(float x, float y) {
            float side = 1.732f; // the triangle within the unit circle
            float half = side / 2;
            float px = Math.abs(x) - half;
            float py = -y + half / 1.732f;
            if (px + 1.732f * py > 0) {
                float turned = (px - 1.732f * py) / 2;
                py = (-1.732f * px - py) / 2;
                px = turned;
            }
            px -= Math.clamp(px, -side, 0);
            return -length(px, py) * Math.signum(py) - 0.05f;
        }
    },
    RING(0.75f) {
        @Override
        float distance(float x, float y) {
            return Math.abs(length(x, y) - 0.74f) - 0.26f;
        }
    },
    STAR(0.6f) {
        @Override
        float distance(float x, float y) {
            // Folded into one of ten wedges: then one edge is left.
            float px = Math.abs(x);
            float py = -y;
            float fold = 2 * Math.max(0.809017f * px - 0.587785f * py, 0);
            px -= fold * 0.809017f;
            py += fold * 0.587785f;
            fold = 2 * Math.max(-0.809017f * px - 0.587785f * py, 0);
            px = Math.abs(px + fold * 0.809017f);
            py += fold * 0.587785f - 1;
            float ex = 0.587785f * 0.48f;
            float ey = 0.809017f * 0.48f - 1;
            float along = Math.clamp((px * ex + py * ey) / (ex * ex + ey * ey), 0, 1);
            float side = Math.signum(py * ex - px * ey);
            return length(px - ex * along, py - ey * along) * side - 0.03f;
        }
    },
    CROSS(0.75f) {
        @Override
        float distance(float x, float y) {
            return Math.min(box(x, y, 0.95f, 0.3f), box(x, y, 0.3f, 0.95f)) - 0.03f;
        }
    },
    CRESCENT(0.65f) {
        @Override
        float distance(float x, float y) {
            return Math.max(length(x, y) - 1, 0.82f - length(x - 0.5f, y));
        }
    },
    HEART(0.8f) {
        @Override
        float distance(float x, float y) {
            float px = Math.abs(x) / 1.62f;
            float py = (0.82f - y) / 1.62f;
            if (px + py > 1) {
                return (length(px - 0.25f, py - 0.75f) - 0.353553f) * 1.62f;
            }
            float diagonal = 0.5f * Math.max(px + py, 0);
            float near = length(px - diagonal, py - diagonal);
            return Math.min(length(px, py - 1), near) * Math.signum(px - py) * 1.62f;
        }
    };

    /// The share of the square around it that it fills, roughly, to compare sizes by.
    final float fullness;

    Shape(float fullness) {
        this.fullness = fullness;
    }

    /// How far a point is outside (or, negative, inside) the outline.
    abstract float distance(float x, float y);

    /// As a caption says it.
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    private static float length(float x, float y) {
        return (float) Math.sqrt(x * x + y * y);
    }

    private static float box(float x, float y, float halfWidth, float halfHeight) {
        float dx = Math.abs(x) - halfWidth;
        float dy = Math.abs(y) - halfHeight;
        return length(Math.max(dx, 0), Math.max(dy, 0)) + Math.min(Math.max(dx, dy), 0);
    }
}
