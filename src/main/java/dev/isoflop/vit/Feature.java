package dev.isoflop.vit;

import dev.isoflop.fault.Check;

/// Where the feature of an image is read.
///
/// @param pool which tokens
/// @param block after which block, the first being 1
public record Feature(Vit.Pool pool, int block) {

    public Feature {
        Check.that(block >= 1, "block is %s; the first is 1", block);
    }
}
