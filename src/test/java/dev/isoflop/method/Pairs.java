package dev.isoflop.method;

import dev.isoflop.golden.Golden;
import dev.isoflop.train.Pair;
import dev.isoflop.vit.VitShape;

import org.bytedeco.pytorch.global.torch;

/// Two views that mean nothing.
final class Pairs {

    private Pairs() {}

    /// Different at each call, in single precision.
    static Pair random(int images, VitShape shape) {
        int side = shape.image();
        return new Pair(torch.rand(images, 3, side, side), torch.rand(images, 3, side, side));
    }

    /// The same at each call, in double precision.
    static Pair fixed(int images, VitShape shape) {
        int side = shape.image();
        return new Pair(
                Golden.signed(5, 1, images, 3, side, side),
                Golden.signed(5, 2, images, 3, side, side));
    }

    /// Some rows of a pair.
    static Pair rows(Pair pair, int from, int images) {
        return new Pair(
                pair.first().narrow(0, from, images), pair.second().narrow(0, from, images));
    }
}
