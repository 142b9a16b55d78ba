package dev.isoflop.data.world;

/// What things lie on or hang before.
public enum Backdrop {
    PAPER("on paper"),
    SAND("on sand"),
    GRASS("on grass"),
    WATER("on water"),
    SKY("in the sky"),
    DUSK("in the evening sky"),
    HILLS("before hills"),
    BRICKS("on a brick wall"),
    WOOD("on wood"),
    MARBLE("on marble"),
    NIGHT("in the night sky"),
    CLOTH("on cloth");

    private final String phrase;

    Backdrop(String phrase) {
        this.phrase = phrase;
    }

    /// As a caption says it, with its preposition.
    public String phrase() {
        return phrase;
    }

    /// Whether things cast their shadow close by, as on something flat behind them.
    boolean isFlat() {
        return switch (this) {
            case SKY, DUSK, HILLS, NIGHT -> false;
            case PAPER, SAND, GRASS, WATER, BRICKS, WOOD, MARBLE, CLOTH -> true;
        };
    }

    /// Its colour at a point of the picture.
    ///
    /// @param x from the left, in sides of the picture
    /// @param y from the top, in sides of the picture
    /// @param step the distance of two pixels, in sides of the picture
    /// @param rgb written: red, green and blue from 0 to 1
    void paint(float x, float y, float step, int seed, float[] rgb) {
        float tint = Noise.hash(3, 7, seed);
        switch (this) {
            case PAPER -> {
                float fibre = Noise.fractal(x * 40, y * 40, 3, step * 40, seed) - 0.5f;
                float lean = 0.12f * (x + y - 1) + 0.10f * fibre;
                float hue = 6 * tint;
                set(
                        rgb,
                        0.74f + 0.20f * Noise.wave(hue / 6) + lean,
                        0.74f + 0.20f * Noise.wave(hue / 6 + 0.33f) + lean,
                        0.74f + 0.20f * Noise.wave(hue / 6 + 0.67f) + lean);
            }
            case SAND -> {
                float warp = Noise.fractal(x * 3, y * 3, 3, step * 3, seed);
                float ripples = Noise.wave((y + 0.15f * x) * (9 + 6 * tint) + 2.4f * warp);
                float grain = Noise.fractal(x * 70, y * 70, 2, step * 70, seed + 1) - 0.5f;
                float light = 0.08f * ripples + 0.30f * grain + 0.25f * (warp - 0.5f);
                set(rgb, 0.85f + light, 0.72f + light, 0.51f + 0.8f * light);
            }
            case GRASS -> {
                float lean = 1.5f * Noise.fractal(x * 3, y * 3, 2, step * 3, seed + 2);
                float blades = Noise.fractal(x * 46 + 3 * lean, y * 9, 3, step * 46, seed);
                float patches = Noise.fractal(x * 4, y * 4, 3, step * 4, seed + 1);
                float light = 0.9f * (blades - 0.5f) + 0.5f * (patches - 0.5f);
                set(
                        rgb,
                        0.24f + 0.10f * tint + 0.5f * light + 0.2f * (patches - 0.5f),
                        0.46f + 0.7f * light,
                        0.14f + 0.3f * light);
            }
            case WATER -> {
                float swell = Noise.fractal(x * 3, y * 9, 4, step * 9, seed);
                float ridge =
                        1
                                - Math.abs(
                                        2
                                                        * Noise.fractal(
                                                                x * 6 + 2 * swell,
                                                                y * 17,
                                                                3,
                                                                step * 17,
                                                                seed + 1)
                                                - 1);
                float glint = Noise.step(0.86f, 1, ridge);
                float light = 0.30f * (swell - 0.5f) + 0.16f * (y - 0.5f) + 0.42f * glint;
                set(
                        rgb,
                        0.13f + 0.9f * light,
                        0.42f + 0.10f * tint + light,
                        0.60f - 0.06f * tint + 0.9f * light);
            }
            case SKY -> sky(x, y, step, seed, rgb);
            case DUSK -> {
                float low = Noise.fractal(x * 2.2f, y * 8, 4, step * 8, seed);
                float bands = Noise.step(0.48f, 0.75f, low);
                float t = Noise.clamp(y + 0.2f * (low - 0.5f));
                set(
                        rgb,
                        Noise.mix(0.28f + 0.1f * tint, 0.98f, t) + 0.14f * bands,
                        Noise.mix(0.20f, 0.62f, t) - 0.02f * bands,
                        Noise.mix(0.46f, 0.34f, t) + 0.02f * bands);
            }
            case HILLS -> {
                sky(x, y * 1.2f, step, seed, rgb);
                for (int ridge = 0; ridge < 4; ridge++) {
                    float line =
                            0.34f
                                    + 0.16f * ridge
                                    + (0.34f - 0.05f * ridge)
                                            * (Noise.fractal(
                                                            x * (1.8f + ridge) + 17 * ridge,
                                                            ridge,
                                                            5,
                                                            step * (2 + ridge),
                                                            seed + ridge)
                                                    - 0.5f);
                    float cover = Noise.clamp((y - line) / step + 0.5f);
                    if (cover > 0) {
                        float near = (ridge + 1) / 4f;
                        float trees =
                                Noise.fractal(x * 30, y * 50, 3, step * 50, seed + 40 + ridge)
                                        - 0.5f;
                        float light = 0.35f * near * trees - 0.25f * (y - line);
                        blend(
                                rgb,
                                Noise.mix(0.58f, 0.20f + 0.16f * tint, near) + light,
                                Noise.mix(0.68f, 0.36f, near) + light,
                                Noise.mix(0.76f, 0.16f, near) + light,
                                cover);
                    }
                }
            }
            case BRICKS -> {
                float rows = 7 + Math.round(4 * tint);
                float v = y * rows;
                int row = Noise.floor(v);
                float u = x * rows * 0.45f + 0.5f * (row & 1);
                int column = Noise.floor(u);
                float edgeX = Math.min(u - column, column + 1 - u) / 0.45f;
                float edge = Math.min(edgeX, Math.min(v - row, row + 1 - v));
                float pixel = step * rows;
                float mortar = 1 - Noise.step(0.07f - pixel / 2, 0.10f + pixel / 2, edge);
                float one = Noise.hash(column, row, seed) - 0.5f;
                float grain = Noise.fractal(x * 55, y * 55, 3, step * 55, seed) - 0.5f;
                float light = 0.18f * one + 0.34f * grain;
                set(
                        rgb,
                        0.60f + light + 0.10f * Noise.hash(column, row, seed + 5),
                        0.32f + light,
                        0.25f + light);
                blend(rgb, 0.72f + 0.3f * grain, 0.69f + 0.3f * grain, 0.64f, mortar);
            }
            case WOOD -> {
                float planks = 3 + Math.round(2 * tint);
                float v = y * planks;
                int plank = Noise.floor(v);
                float one = Noise.hash(plank, 0, seed);
                float warp = Noise.fractal(x * 2 + 31 * one, y * 7, 3, step * 7, seed + plank);
                float rings = Noise.wave(warp * 7 + 0.6f * v);
                float fibre = Noise.fractal(x * 7, y * 90, 3, step * 90, seed + 3 * plank) - 0.5f;
                float light = 0.09f * rings + 0.30f * fibre + 0.20f * (one - 0.5f);
                float seam = Math.min(v - plank, plank + 1 - v);
                float dark = 0.5f * (1 - Noise.step(0, 0.03f + step * planks, seam));
                set(
                        rgb,
                        (0.64f + light) * (1 - dark),
                        (0.44f + 0.85f * light) * (1 - dark),
                        (0.26f + 0.6f * light) * (1 - dark));
            }
            case MARBLE -> {
                float warp = Noise.fractal(x * 3, y * 3, 4, step * 3, seed);
                float turn = 2 * tint - 1;
                float vein = Math.abs(Noise.wave((x + turn * y) * 1.3f + 2.6f * warp));
                float thin = 1 - Noise.step(0, 0.30f, vein);
                float cloud = Noise.fractal(x * 6, y * 6, 4, step * 6, seed + 1) - 0.5f;
                float light = 0.24f * cloud - 0.34f * thin * (0.4f + warp);
                set(rgb, 0.84f + light, 0.83f + light, 0.82f + 0.9f * light);
            }
            case NIGHT -> {
                float haze = Noise.fractal(x * 3, y * 3, 4, step * 3, seed);
                float milky = Noise.step(0.45f, 0.8f, haze);
                set(
                        rgb,
                        0.05f + 0.12f * milky * tint + 0.06f * y,
                        0.06f + 0.08f * milky + 0.06f * y,
                        0.17f + 0.20f * milky + 0.10f * y);
                stars(x, y, step, seed, rgb);
            }
            case CLOTH -> {
                float threads = 34;
                float over = Noise.wave(x * threads) * Noise.wave(y * threads);
                float weave = over * 0.10f * Noise.clamp(2 - 4 * step * threads);
                float folds = Noise.fractal(x * 1.5f + y, y * 2.5f - x, 3, step * 2, seed) - 0.5f;
                float light = weave + 0.55f * folds;
                set(
                        rgb,
                        0.46f + 0.26f * Noise.wave(tint) + light,
                        0.46f + 0.22f * Noise.wave(tint + 0.4f) + light,
                        0.50f + 0.26f * Noise.wave(tint + 0.7f) + light);
            }
        }
    }

    private static void sky(float x, float y, float step, int seed, float[] rgb) {
        float clouds = Noise.fractal(x * 2.6f, y * 5, 5, step * 5, seed);
        float white = Noise.step(0.46f, 0.72f, clouds);
        float shade = 0.10f * Noise.fractal(x * 6, y * 10, 3, step * 10, seed + 9);
        float t = Noise.clamp(y);
        set(rgb, Noise.mix(0.26f, 0.74f, t), Noise.mix(0.50f, 0.86f, t), 0.90f);
        blend(rgb, 0.98f - shade, 0.98f - shade, 0.99f - shade, white);
    }

    /// One star in some cells of a grid, as bright at any resolution.
    private static void stars(float x, float y, float step, int seed, float[] rgb) {
        float cells = 13;
        int column = Noise.floor(x * cells);
        int row = Noise.floor(y * cells);
        float bright = Noise.hash(column, row, seed + 1);
        if (bright < 0.6f) {
            return;
        }
        float dx = x * cells - column - 0.2f - 0.6f * Noise.hash(column, row, seed + 2);
        float dy = y * cells - row - 0.2f - 0.6f * Noise.hash(column, row, seed + 3);
        float radius = Math.max(0.07f * bright, 0.6f * step * cells);
        float glow = Noise.clamp(1 - (float) Math.sqrt(dx * dx + dy * dy) / (1.6f * radius));
        blend(rgb, 1, 0.97f, 0.90f, glow * bright);
    }

    private static void set(float[] rgb, float red, float green, float blue) {
        rgb[0] = red;
        rgb[1] = green;
        rgb[2] = blue;
    }

    private static void blend(float[] rgb, float red, float green, float blue, float share) {
        rgb[0] = Noise.mix(rgb[0], red, share);
        rgb[1] = Noise.mix(rgb[1], green, share);
        rgb[2] = Noise.mix(rgb[2], blue, share);
    }
}
