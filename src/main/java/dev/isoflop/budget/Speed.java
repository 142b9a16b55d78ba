package dev.isoflop.budget;

import dev.isoflop.fault.Check;
import dev.isoflop.fault.InputException;

import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How long a step takes on a device: by a power law through steps that were timed on it, else as a
/// share of its peak.
public sealed interface Speed {

    /// Share of peak that a training step is taken to reach where nothing was measured.
    ///
    /// Chowdhery et al. 2022 (PaLM), section 4.1, report 0.46 of peak for their largest model on
    /// TPU v4 and 0.21 to 0.33 for other large models; vision transformers of the study's sizes lie
    /// in between. The band is as wide.
    double USUAL_SHARE = 0.4;

    double LEAST_SHARE = 0.2;
    double MOST_SHARE = 0.6;

    /// Of prediction intervals.
    double CONFIDENCE = 0.95;

    /// Seconds of one step.
    ///
    /// @param flopsPerStep over all devices, convention matmul
    /// @param devices that share the step evenly
    Estimate stepSeconds(BigInteger flopsPerStep, int devices);

    /// By a power law.
    ///
    /// @param device that was timed
    /// @param law of steps a second on one device
    /// @param how it was measured
    record Measured(Device device, PowerLaw law, String how) implements Speed {

        @Override
        public Estimate stepSeconds(BigInteger flopsPerStep, int devices) {
            double each = flopsPerStep.doubleValue() / devices;
            PowerLaw.Interval rates = law.interval(each, CONFIDENCE);
            String line =
                    "1 / (e^%.3f x FLOP^%.3f), FLOP of a step on one device, fitted to %s timed steps, R2 %.3f in logarithms; 95%% prediction interval"
                            .formatted(law.intercept(), law.slope(), law.points(), law.r2Log());
            return Estimate.stated("step", 1 / law.at(each), "s", line, how)
                    .within(1 / rates.high(), 1 / rates.low());
        }
    }

    /// As a share of the device's peak.
    ///
    /// @param device with its peak
    /// @param rate the peak, FLOP/s of one device
    /// @param format whose peak it is
    /// @param share between 0 and 1, with its band
    record ShareOfPeak(Device device, double rate, String format, Estimate share) implements Speed {

        @Override
        public Estimate stepSeconds(BigInteger flopsPerStep, int devices) {
            double each = flopsPerStep.doubleValue() / devices;
            Estimate peak = Estimate.stated("peak", rate, "FLOP/s", format, device.source());
            double value = each / (rate * share.value());
            return new Estimate(
                    "step",
                    value,
                    each / (rate * share.high()),
                    each / (rate * share.low()),
                    "s",
                    "FLOP of a step on one device / (peak x share of peak)",
                    null,
                    List.of(peak, share));
        }
    }

    /// What is known of a device: timed steps, unless a share is asked for; else its peak.
    ///
    /// A device that states no peak at a precision is reckoned at that of bfloat16, in which TPUs
    /// multiply by default whatever the format of the numbers.
    ///
    /// @param share of peak that a recipe asks for
    /// @throws InputException if the device states no rate at all
    static Speed of(Device device, Precision precision, Optional<Double> share) {
        Device.Timed timed = device.timed().get(precision);
        if (timed != null && share.isEmpty()) {
            try {
                return new Measured(device, PowerLaw.fit(timed.points()), timed.how());
            } catch (IllegalArgumentException e) {
                throw new InputException(
                        "%s, steps in %s: %s"
                                .formatted(device.id(), precision.key(), e.getMessage()),
                        e);
            }
        }
        Map<Precision, Double> peaks = device.peak();
        Precision format = peaks.containsKey(precision) ? precision : Precision.BF16;
        Double rate = peaks.get(format);
        if (rate == null) {
            throw new InputException(
                    "%s states no peak in %s; add one to its file, or choose another precision or device"
                            .formatted(device.id(), precision.key()));
        }
        String meaning =
                format == precision
                        ? "dense matrix products in " + format.key()
                        : "dense matrix products in bf16; none is stated in " + precision.key();
        return new ShareOfPeak(device, rate, meaning, share(share));
    }

    private static Estimate share(Optional<Double> asked) {
        asked.ifPresent(share ->
                Check.that(
                        share > 0 && share <= 1,
                        "shareOfPeak is %s; write a share above 0 and up to 1, such as 0.4",
                        share));
        return asked.map(share ->
                        Estimate.stated(
                                "share of peak", share, "", "as the recipe says", "the recipe"))
                .orElseGet(() ->
                        Estimate.stated(
                                        "share of peak",
                                        USUAL_SHARE,
                                        "",
                                        "nothing was timed on this device, so what is usual",
                                        "Chowdhery et al. 2022, arXiv:2204.02311, section 4.1")
                                .within(LEAST_SHARE, MOST_SHARE));
    }
}
