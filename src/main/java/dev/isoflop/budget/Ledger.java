package dev.isoflop.budget;

import dev.isoflop.fault.Check;

import java.math.BigInteger;

/// What was spent: an exact count of images, from which FLOPs are derived and never summed.
///
/// @param perImage the price of one image
/// @param images images trained on so far
public record Ledger(Work perImage, long images) {

    public Ledger {
        Check.that(images >= 0, "images is %s; it must not be negative", images);
    }

    public Ledger plus(long more) {
        return new Ledger(perImage, Math.addExact(images, more));
    }

    /// FLOPs spent, convention `matmul`, over all devices.
    public BigInteger flops() {
        return perImage.flops().multiply(BigInteger.valueOf(images));
    }
}
