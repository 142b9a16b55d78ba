package dev.isoflop.profile;

import dev.isoflop.budget.Precision;
import dev.isoflop.fault.InputException;
import dev.isoflop.method.Method;
import dev.isoflop.recipe.Table;
import dev.isoflop.torch.Engine;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.train.Batches;
import dev.isoflop.train.Learner;
import dev.isoflop.train.Loop;
import dev.isoflop.train.Progress;
import dev.isoflop.vit.VitShape;

import org.bytedeco.javacpp.PointerScope;

import java.io.PrintWriter;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.BooleanSupplier;

/// Times real steps of several methods and sizes on this machine's processor, optimiser included.
///
/// Each is taken once without a clock, then until its share of the time is used. Their order is
/// drawn by chance, always the same: a load that grows or falls meanwhile then leans on no size,
/// and whoever ends it early keeps steps of all sizes.
///
/// @param cases what is timed
/// @param precision of matrix products
/// @param seconds for all of them, about
public record Timing(List<Case> cases, Precision precision, double seconds) {

    private static final int LEAST_STEPS = 2;
    private static final int MOST_STEPS = 20;
    private static final double USUAL_SHARE = 0.4; // of peak, before anything was timed
    private static final int CLASSES = 1000; // of ImageNet
    private static final double LARGEST = 6e11; // FLOP of a step, where no batch is asked for
    private static final List<Integer> BATCHES = List.of(2, 8);

    /// Where in a run the steps are: no spread is measured, and no layer is held still.
    private static final Progress MIDDLE = new Progress(501, 1000, 0, 0);

    /// A step to be timed.
    ///
    /// @param batch images of it
    public record Case(Method.Config config, VitShape shape, int batch) {

        public double flops() {
            return config.perImage(shape, batch).flops().doubleValue() * batch;
        }
    }

    /// Every method with every encoder and batch.
    ///
    /// @param batches images a step; none for the usual two, without steps above 600 GFLOP
    /// @throws InputException for what is not known, or cannot be
    public static List<Case> cases(
            List<String> methods, List<String> encoders, int image, List<Integer> batches) {
        List<Case> cases = new ArrayList<>();
        for (String method : methods) {
            Table table = Table.parse("--methods", "name: " + method + "\n");
            Method.Config config = Method.Config.from(table).withClasses(CLASSES);
            table.done();
            for (String encoder : encoders) {
                for (int batch : batches.isEmpty() ? BATCHES : batches) {
                    Case step = step(config, encoder, image, batch);
                    if (!batches.isEmpty() || step.flops() <= LARGEST) {
                        cases.add(step);
                    }
                }
            }
        }
        return cases;
    }

    private static Case step(Method.Config config, String encoder, int image, int batch) {
        if (batch < 2) {
            throw new InputException(
                    "--batches has %s; a step that can be timed has at least 2 images"
                            .formatted(batch));
        }
        try {
            Case step = new Case(config, VitShape.of(encoder, image), batch);
            step.flops(); // also asks whether the method and the encoder go together
            return step;
        } catch (IllegalArgumentException e) {
            throw new InputException(
                    "--encoders %s with %s: %s".formatted(encoder, config.name(), e.getMessage()),
                    e);
        }
    }

    /// Takes the steps.
    ///
    /// @param stop asked after each step, whether to end here
    /// @param progress who is told of each case, with the time left
    public TimedSteps measured(BooleanSupplier stop, PrintWriter progress) {
        LibTorch.load(precision);
        TimingConditions here = TimingConditions.now(Clock.systemUTC());
        double before = Engine.peak(Engine.device("cpu"), precision);
        List<Case> order = new ArrayList<>(cases);
        Collections.shuffle(order, new Random(0));
        List<TimedSteps.Row> rows = new ArrayList<>();
        double secondsPerFlop = 1 / (USUAL_SHARE * before);
        for (int i = 0; i < order.size() && !stop.getAsBoolean(); i++) {
            Case step = order.get(i);
            List<Double> timed = timed(step, stop);
            if (!timed.isEmpty()) {
                TimedSteps.Row row =
                        new TimedSteps.Row(
                                step.config.name(),
                                step.shape.name(),
                                step.shape.image(),
                                step.batch,
                                step.flops(),
                                timed);
                rows.add(row);
                secondsPerFlop = secondsPerFlop(rows);
                told(progress, rows, left(order.subList(i + 1, order.size()), secondsPerFlop));
            } else if (!stop.getAsBoolean()) {
                progress.printf(
                        "%s with %s is left out: a step of it was not finite%n",
                        step.config.name(), step.shape.name());
            }
        }
        double after = Engine.peak(Engine.device("cpu"), precision);
        return new TimedSteps(here, precision, Math.max(before, after), rows);
    }

    private static double secondsPerFlop(List<TimedSteps.Row> rows) {
        double seconds = rows.stream().mapToDouble(TimedSteps.Row::stepSeconds).sum();
        return seconds / rows.stream().mapToDouble(TimedSteps.Row::flops).sum();
    }

    private void told(PrintWriter progress, List<TimedSteps.Row> rows, double left) {
        TimedSteps.Row row = rows.getLast();
        progress.printf(
                Locale.ROOT,
                "%d of %d  %-10s %-9s batch %-3d %10.3e FLOP  %8.3f s a step  about %.0f s left%n",
                rows.size(),
                cases.size(),
                row.method(),
                row.encoder(),
                row.batch(),
                row.flops(),
                row.stepSeconds(),
                left);
        progress.flush();
    }

    private double left(List<Case> rest, double secondsPerFlop) {
        double left = 0;
        for (Case step : rest) {
            double one = step.flops() * secondsPerFlop;
            left +=
                    Math.clamp(
                            seconds / cases.size(),
                            (1 + LEAST_STEPS) * one,
                            (1 + MOST_STEPS) * one);
        }
        return left;
    }

    /// Seconds of each step of one case; none if one was not finite.
    private List<Double> timed(Case step, BooleanSupplier stop) {
        try (PointerScope _ = new PointerScope()) {
            return timed(step.config.build(step.shape), step, stop);
        }
    }

    private <B> List<Double> timed(Learner<B> learner, Case step, BooleanSupplier stop) {
        Loop.Settings settings =
                new Loop.Settings(step.batch, step.batch, precision, step.config.optimisation(), 0);
        Loop<B> loop = new Loop<>(learner, settings, Engine.device("cpu"));
        SyntheticExamples examples = new SyntheticExamples(step.config, step.shape, precision);
        B images = learner.batch(examples.of(step.batch));
        Batches<B> batches = Batches.of(_ -> images);
        List<Double> timed = new ArrayList<>();
        double end = System.nanoTime() / 1e9 + seconds / cases.size();
        loop.step(batches, MIDDLE); // the first touches memory that the others find
        while (!stop.getAsBoolean()
                && timed.size() < MOST_STEPS
                && (timed.size() < LEAST_STEPS || System.nanoTime() / 1e9 < end)) {
            Loop.Step taken = loop.step(batches, MIDDLE);
            if (!taken.finite()) {
                return List.of(); // its update did not run, so its time says nothing
            }
            timed.add(taken.seconds());
        }
        return timed;
    }
}
