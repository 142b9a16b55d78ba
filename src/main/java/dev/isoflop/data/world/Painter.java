package dev.isoflop.data.world;

import dev.isoflop.image.Box;
import dev.isoflop.image.Raster;

import java.util.Optional;

/// Draws scenes: antialiased, with bevelled edges, soft shadows and one light.
public final class Painter {

    private static final float BEVEL = 0.28f; // depth of the rounded rim, in radii of the thing
    private static final float SHADOW = 0.16f; // how far it falls, in radii
    private static final float SHADOW_BLUR = 0.22f; // in radii

    private final Scene scene;
    private final int side;
    private final float step;
    private final float lightX;
    private final float lightY;
    private final float[] rgb = new float[3];
    private final byte[] pixels;
    private final byte[] owners;

    private Painter(Scene scene, int side) {
        this.scene = scene;
        this.side = side;
        this.step = 1f / side;
        this.lightX = Noise.wave(scene.light() + 0.25f);
        this.lightY = Noise.wave(scene.light());
        this.pixels = new byte[3 * side * side];
        this.owners = new byte[side * side];
    }

    /// A drawn scene.
    ///
    /// @param image a square
    /// @param owners for each pixel, row by row, 0 for the backdrop or one more than the index of
    ///   the thing in front
    public record Painting(Raster image, Owners owners) {}

    /// Which thing shows at a pixel.
    public static final class Owners {

        private final int side;
        private final byte[] values;

        private Owners(int side, byte[] values) {
            this.side = side;
            this.values = values;
        }

        /// The index of the thing that shows there, or -1.
        public int at(int x, int y) {
            return values[y * side + x] - 1;
        }

        /// Around all that shows of a thing; empty if it is hidden.
        public Optional<Box> box(int thing) {
            int left = side;
            int top = side;
            int right = -1;
            int bottom = -1;
            for (int y = 0; y < side; y++) {
                for (int x = 0; x < side; x++) {
                    if (at(x, y) == thing) {
                        left = Math.min(left, x);
                        top = Math.min(top, y);
                        right = Math.max(right, x);
                        bottom = y;
                    }
                }
            }
            return right < 0
                    ? Optional.empty()
                    : Optional.of(new Box(left, top, right - left + 1, bottom - top + 1));
        }
    }

    /// Draws a scene as a square of this many pixels.
    public static Painting paint(Scene scene, int side) {
        var painter = new Painter(scene, side);
        painter.paint();
        var owners = new Owners(side, painter.owners);
        return new Painting(new Raster(side, side, painter.pixels), owners);
    }

    private void paint() {
        Brush[] brushes = new Brush[scene.things().size()];
        for (int i = 0; i < brushes.length; i++) {
            brushes[i] = new Brush(scene.things().get(i));
        }
        float shadow = scene.backdrop().isFlat() ? 0.55f : 0.18f;
        for (int row = 0; row < side; row++) {
            float y = (row + 0.5f) * step;
            for (int column = 0; column < side; column++) {
                float x = (column + 0.5f) * step;
                scene.backdrop().paint(x, y, step, scene.seed(), rgb);
                int owner = 0;
                for (int i = 0; i < brushes.length; i++) {
                    if (brushes[i].touches(x, y)) {
                        brushes[i].castShadow(x, y, shadow);
                        if (brushes[i].draw(x, y) >= 0.5f) {
                            owner = i + 1;
                        }
                    }
                }
                owners[row * side + column] = (byte) owner;
                store(row * side + column, x, y);
            }
        }
    }

    /// The light over the whole picture, then eight bits.
    private void store(int pixel, float x, float y) {
        float cx = x - 0.5f;
        float cy = y - 0.5f;
        float glow = 1 + 0.22f * (cx * lightX + cy * lightY) - 0.28f * (cx * cx + cy * cy);
        float warm = 0.07f * scene.warmth();
        pixels[3 * pixel] = level(rgb[0] * glow * (1 + warm));
        pixels[3 * pixel + 1] = level(rgb[1] * glow);
        pixels[3 * pixel + 2] = level(rgb[2] * glow * (1 - warm));
    }

    private static byte level(float value) {
        return (byte) (int) (255 * Noise.clamp(value) + 0.5f);
    }

    /// A thing as it is drawn: in its own coordinates, rotated and in radii.
    private final class Brush {

        private final Thing thing;
        private final float cos;
        private final float sin;
        private final float pixel; // in radii
        private final float reach; // of the thing and its shadow, squared
        private final float red;
        private final float green;
        private final float blue;
        private final float accentRed;
        private final float accentGreen;
        private final float accentBlue;

        Brush(Thing thing) {
            this.thing = thing;
            this.cos = Noise.wave(thing.turns() + 0.25f);
            this.sin = Noise.wave(thing.turns());
            this.pixel = step / thing.radius();
            float far = (1.15f + SHADOW + SHADOW_BLUR) * thing.radius() + 2 * step;
            this.reach = far * far;
            float shade = 0.9f + 0.2f * Noise.hash(5, 0, thing.seed());
            this.red = thing.colour().red * shade;
            this.green = thing.colour().green * shade;
            this.blue = thing.colour().blue * shade;
            float towards = thing.bright() ? 0.97f : 0.06f;
            float share = 0.62f + 0.2f * Noise.hash(6, 0, thing.seed());
            this.accentRed = Noise.mix(red, towards, share);
            this.accentGreen = Noise.mix(green, towards, share);
            this.accentBlue = Noise.mix(blue, towards * 0.95f, share);
        }

        boolean touches(float x, float y) {
            float dx = x - thing.x();
            float dy = y - thing.y();
            return dx * dx + dy * dy < reach;
        }

        void castShadow(float x, float y, float darkness) {
            float px = (x - thing.x()) / thing.radius() + SHADOW * lightX;
            float py = (y - thing.y()) / thing.radius() + SHADOW * lightY;
            float distance = distance(px, py);
            float dark = darkness * (1 - Noise.step(-SHADOW_BLUR, SHADOW_BLUR, distance));
            rgb[0] *= 1 - dark;
            rgb[1] *= 1 - dark;
            rgb[2] *= 1 - 0.9f * dark;
        }

        /// Draws the thing's colour at a point; the share of the pixel that it covers.
        float draw(float x, float y) {
            float px = (x - thing.x()) / thing.radius();
            float py = (y - thing.y()) / thing.radius();
            float distance = distance(px, py);
            float cover = Noise.clamp(0.5f - distance / pixel);
            if (cover == 0) {
                return 0;
            }
            float u = cos * px + sin * py;
            float v = cos * py - sin * px;
            float accent = thing.texture().accent(u, v, pixel, thing.seed());
            float lit = 1 + 0.10f * (px * lightX + py * lightY);
            float gloss = 0;
            if (distance > -BEVEL) {
                float slope = 1 + distance / BEVEL; // 0 where the rim begins, 1 at the edge
                float h = 0.02f;
                float nx = (distance(px + h, py) - distance) / h;
                float ny = (distance(px, py + h) - distance) / h;
                float facing = nx * lightX + ny * lightY;
                lit += 0.38f * slope * slope * facing;
                float shine = Noise.clamp(facing) * 4 * slope * (1 - slope);
                gloss = 0.25f * shine * shine;
            }
            rgb[0] = Noise.mix(rgb[0], Noise.mix(red, accentRed, accent) * lit + gloss, cover);
            rgb[1] = Noise.mix(rgb[1], Noise.mix(green, accentGreen, accent) * lit + gloss, cover);
            rgb[2] = Noise.mix(rgb[2], Noise.mix(blue, accentBlue, accent) * lit + gloss, cover);
            return cover;
        }

        private float distance(float px, float py) {
            return thing.shape().distance(cos * px + sin * py, cos * py - sin * px);
        }
    }
}
