package dev.isoflop.run;

import dev.isoflop.budget.Work;

import org.jspecify.annotations.Nullable;

import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// A run that never was, with figures that look like those of one.
public final class MadeUpRun {

    private static final BigInteger STEP = BigInteger.valueOf(33_554_432_123L);

    private MadeUpRun() {}

    /// A step's measurement: the loss falls, the rate warms up.
    public static Measurement step(long step, double loss) {
        var parts = new LinkedHashMap<String, Double>();
        parts.put("pixels", loss);
        return new Measurement(
                step,
                step / 400.0,
                new Measurement.Learning(
                        loss, parts, Math.min(step / 40.0, 1) * 1.5e-4, 1 / (1 + step / 100.0)),
                new Measurement.Spent(step * 64, STEP.multiply(BigInteger.valueOf(step))),
                new Measurement.Pace(0.25, 256, 0.8, 0.002),
                (step - 1) % 4 == 0
                        ? new Measurement.Embeddings(0.6 + step / 4000.0, 12.5)
                        : Measurement.Embeddings.NONE);
    }

    /// The first step of a run of one, of which only this is told.
    ///
    /// @param parts of the loss
    public static Measurement onlyStep(
            double loss, Map<String, Double> parts, Measurement.Embeddings embeddings) {
        return new Measurement(
                1,
                1,
                new Measurement.Learning(loss, parts, 1, 1),
                new Measurement.Spent(1, BigInteger.ONE),
                new Measurement.Pace(1, 1, null, 0),
                embeddings);
    }

    /// What a probe would have shown, beside what it showed of the untrained encoder and chance.
    ///
    /// @param untrained null for the untrained encoder's own, or where it was left out
    public static OnlineProbe probe(double value, @Nullable Double untrained, double chance) {
        return new OnlineProbe(
                "top-1 accuracy",
                value,
                20,
                "world, seed 0",
                2000,
                "world, seed 1",
                500,
                16,
                new BigInteger("619706880000"),
                4.2,
                null,
                new Baseline(
                        chance,
                        "always \"heart\", the commonest class",
                        untrained == null ? List.of() : List.of(untrained)));
    }

    /// The first steps of a run whose loss falls from about 1 towards 0.3, with noise.
    public static List<Measurement> steps(int n) {
        var random = new Random(7);
        List<Measurement> steps = new ArrayList<>();
        for (int i = 1; i <= n; i++) {
            steps.add(step(i, 0.3 + 0.7 * Math.exp(-i / 80.0) + 0.03 * random.nextGaussian()));
        }
        return steps;
    }

    /// Where its figures would come from.
    public static Provenance provenance(String name, String data) {
        BigInteger image = STEP.divide(BigInteger.valueOf(64));
        var encoder =
                new Work("encoder", image.divide(BigInteger.TWO), "12 blocks x 3 x ...", List.of());
        var decoder =
                new Work(
                        "decoder",
                        image.subtract(encoder.flops()),
                        "8 blocks x 3 x ...",
                        List.of());
        var price = new Work("one image", image, "sum of the parts", List.of(encoder, decoder));
        return new Provenance(
                new Provenance.Subject(
                        name, "MAE, mask ratio 0.75", "ViT-S/16, 21.7 M parameters", data),
                new Provenance.Software(
                        "0.1.0", "a07c488", "25.0.3 (Temurin)", "Linux 6.1 amd64", "2.10.0"),
                new Provenance.Hardware("AMD EPYC 9R14", 1, 2, 2),
                "bf16",
                new Provenance.Peak(3.97e11, "bf16 product of two 4096 x 4096 matrices, best of 5"),
                "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                7,
                Instant.parse("2026-11-23T20:00:00Z"),
                new Provenance.Planned(
                        400,
                        64,
                        new Work(
                                "the run",
                                STEP.multiply(BigInteger.valueOf(400)),
                                "400 steps x 64 images x one image",
                                List.of(price)),
                        Work.none("again")),
                null,
                Map.of());
    }

    /// Named parts in an order.
    static Map<String, Double> parts(String first, double a, String second, double b) {
        var parts = new LinkedHashMap<String, Double>();
        parts.put(first, a);
        parts.put(second, b);
        return parts;
    }
}
