package dev.isoflop.profile;

import dev.isoflop.budget.Precision;
import dev.isoflop.fault.Check;
import dev.isoflop.fault.InputException;
import dev.isoflop.method.Method;
import dev.isoflop.run.RunListener;
import dev.isoflop.run.Stop;
import dev.isoflop.torch.Engine;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.train.Batches;
import dev.isoflop.train.Learner;
import dev.isoflop.train.Loop;
import dev.isoflop.vit.VitShape;

import org.bytedeco.javacpp.PointerScope;

import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/// Which real steps are timed on this machine's processor, optimiser included: every method with
/// every encoder and batch.
///
/// Each is taken once without a clock, then until its share of the time is used. Their order is
/// drawn by chance, always the same: a load that grows or falls meanwhile then leans on no size,
/// and whoever ends it early keeps steps of all sizes.
///
/// @param methods none for all of them
/// @param encoders none for the usual: Ti/32, Ti/16, S/16 and B/16
/// @param image side in pixels
/// @param batches images a step; none for the usual two, without steps above 600 GFLOP
/// @param precision of matrix products
/// @param seconds for all of them, about
public record Timing(
        List<String> methods,
        List<String> encoders,
        int image,
        List<Integer> batches,
        Precision precision,
        double seconds) {

    private static final List<String> ENCODERS = List.of("Ti/32", "Ti/16", "S/16", "B/16");
    private static final List<Integer> BATCHES = List.of(2, 8);
    private static final double LARGEST = 6e11; // FLOP of a step, where no batch is asked for
    private static final int LEAST_STEPS = 2;
    private static final int MOST_STEPS = 20;
    private static final double USUAL_SHARE = 0.4; // of peak, before anything was timed

    public Timing {
        methods = methods.isEmpty() ? Method.Config.NAMES : List.copyOf(methods);
        encoders = encoders.isEmpty() ? ENCODERS : List.copyOf(encoders);
        batches = List.copyOf(batches);
        Check.that(seconds > 0, "seconds is %s; write a time above 0", seconds);
    }

    /// A step to be timed.
    ///
    /// @param batch images of it
    record Case(Method.Config config, VitShape shape, int batch) {

        /// Convention `matmul`.
        double flops() {
            return Profiling.priced(config, shape, batch).flops().doubleValue() * batch;
        }
    }

    /// Every method with every encoder and batch.
    ///
    /// @throws InputException for what is not known, or cannot be
    List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (String method : methods) {
            Method.Config config = Profiling.config(method, List.of());
            for (String encoder : encoders) {
                for (int batch : batches.isEmpty() ? BATCHES : batches) {
                    if (batch < 2) {
                        throw new InputException(
                                "batch is %d; a step that can be timed has at least 2 images"
                                        .formatted(batch));
                    }
                    Case step = new Case(config, Profiling.shape(encoder, image), batch);
                    if (step.flops() <= LARGEST || !batches.isEmpty()) {
                        cases.add(step);
                    }
                }
            }
        }
        return cases;
    }

    /// Takes the steps.
    ///
    /// @param to who is told of each case, with the time left
    /// @param stop asked after each step
    /// @throws InputException for what is not known, or cannot be
    TimedSteps measured(RunListener to, Stop stop) {
        List<Case> order = cases();
        LibTorch.load(precision);
        TimingConditions conditions = TimingConditions.now(Clock.systemUTC());
        double before = Engine.peak(Engine.device("cpu"), precision);
        Collections.shuffle(order, new Random(0));
        List<TimedSteps.Row> rows = new ArrayList<>();
        double secondsPerFlop = 1 / (USUAL_SHARE * before);
        double each = seconds / order.size();
        for (int i = 0; i < order.size() && !stop.wanted(); i++) {
            Case step = order.get(i);
            List<Double> timed = timed(step, each, stop);
            if (!timed.isEmpty()) {
                rows.add(row(step, timed));
                secondsPerFlop = secondsPerFlop(rows);
                double left = left(order.subList(i + 1, order.size()), each, secondsPerFlop);
                to.said(told(rows, order.size(), left));
            } else if (!stop.wanted()) {
                to.said(
                        "%s with %s is left out: a step of it was not finite"
                                .formatted(step.config.name(), step.shape.name()));
            }
        }
        double after = Engine.peak(Engine.device("cpu"), precision);
        return new TimedSteps(conditions, precision, Math.max(before, after), rows);
    }

    private static TimedSteps.Row row(Case step, List<Double> timed) {
        return new TimedSteps.Row(
                step.config.name(),
                step.shape.name(),
                step.shape.image(),
                step.batch,
                step.flops(),
                timed);
    }

    private static double secondsPerFlop(List<TimedSteps.Row> rows) {
        double seconds = rows.stream().mapToDouble(TimedSteps.Row::stepSeconds).sum();
        return seconds / rows.stream().mapToDouble(TimedSteps.Row::flops).sum();
    }

    private static String told(List<TimedSteps.Row> rows, int of, double left) {
        TimedSteps.Row row = rows.getLast();
        return String.format(
                Locale.ROOT,
                "%d of %d  %-10s %-9s batch %-3d %10.3e FLOP  %8.3f s a step  about %.0f s left",
                rows.size(),
                of,
                row.method(),
                row.encoder(),
                row.batch(),
                row.flops(),
                row.stepSeconds(),
                left);
    }

    private static double left(List<Case> rest, double each, double secondsPerFlop) {
        double left = 0;
        for (Case step : rest) {
            double one = step.flops() * secondsPerFlop;
            left += Math.clamp(each, (1 + LEAST_STEPS) * one, (1 + MOST_STEPS) * one);
        }
        return left;
    }

    /// Seconds of each step of one case; none if one was not finite.
    private List<Double> timed(Case step, double each, Stop stop) {
        try (PointerScope _ = new PointerScope()) {
            return timed(step.config.build(step.shape), step, each, stop);
        }
    }

    private <B> List<Double> timed(Learner<B> learner, Case step, double each, Stop stop) {
        Loop.Settings settings =
                new Loop.Settings(step.batch, step.batch, precision, step.config.optimisation(), 0);
        Loop<B> loop = new Loop<>(learner, settings, Engine.device("cpu"));
        SyntheticExamples examples = new SyntheticExamples(step.config, step.shape, precision);
        B images = learner.batch(examples.of(step.batch));
        Batches<B> batches = Batches.of(_ -> images);
        List<Double> timed = new ArrayList<>();
        double end = System.nanoTime() / 1e9 + each;
        loop.step(batches, TracedStep.MID_RUN); // the first touches memory that the others find
        while (!stop.wanted()
                && timed.size() < MOST_STEPS
                && (timed.size() < LEAST_STEPS || System.nanoTime() / 1e9 < end)) {
            Loop.Step taken = loop.step(batches, TracedStep.MID_RUN);
            if (!taken.finite()) {
                return List.of(); // its update did not run, so its time says nothing
            }
            timed.add(taken.seconds());
        }
        return timed;
    }
}
