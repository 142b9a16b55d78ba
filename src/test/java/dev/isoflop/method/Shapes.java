package dev.isoflop.method;

import dev.isoflop.vit.VitShape;

import java.util.Random;

/// Encoders of random size.
final class Shapes {

    private Shapes() {}

    /// Small, with this many heads.
    static VitShape random(Random random, int heads) {
        int patch = 4 << random.nextInt(2);
        return new VitShape(
                16 * heads, 1 + random.nextInt(3), heads, patch, patch * (2 + random.nextInt(5)));
    }
}
