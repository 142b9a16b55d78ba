package dev.isoflop.budget;

import java.math.BigInteger;

/// What a run will do: whole steps of a batch, and the price of one image.
///
/// @param perImage price of one image, forward and backward, with its derivation
/// @param again what runs once more for each image because a batch is cut: executed, not priced
/// @param batch images a step, over all devices
/// @param steps whole steps the budget buys
/// @param devices how many devices share each step
/// @param epochs passes over the dataset that these steps make
public record Plan(Work perImage, Work again, int batch, long steps, int devices, double epochs) {

    /// Converts the budget, once.
    ///
    /// @param rates what a step costs, for a budget that is a cost
    public static Plan of(
            Budget budget,
            Budget.Rates rates,
            Work perImage,
            Work again,
            int batch,
            long datasetSize,
            int devices) {
        long steps = budget.steps(perImage, batch, datasetSize, rates);
        double epochs = (double) steps * batch / datasetSize;
        return new Plan(perImage, again, batch, steps, devices, epochs);
    }

    public long images() {
        return Math.multiplyExact(steps, (long) batch);
    }

    public BigInteger flopsPerStep() {
        return perImage.flops().multiply(BigInteger.valueOf(batch));
    }

    /// FLOPs of the whole run, over all devices.
    public BigInteger flops() {
        return flopsPerStep().multiply(BigInteger.valueOf(steps));
    }

    /// FLOPs of the whole run that each device executes, rounded up.
    public BigInteger flopsPerDevice() {
        BigInteger n = BigInteger.valueOf(devices);
        return flops().add(n).subtract(BigInteger.ONE).divide(n);
    }

    /// FLOPs of the whole run, over all devices, with those that ran again.
    public BigInteger executedFlops() {
        return flops().add(again.flops().multiply(BigInteger.valueOf(images())));
    }

    /// Where the total comes from.
    public Work derivation() {
        Work image = perImage.named("one image");
        return new Work(
                "total",
                flops(),
                steps + " steps x " + batch + " images x one image",
                java.util.List.of(image));
    }
}
