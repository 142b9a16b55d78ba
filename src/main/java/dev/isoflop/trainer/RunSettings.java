package dev.isoflop.trainer;

import dev.isoflop.budget.Budget;
import dev.isoflop.budget.Plan;
import dev.isoflop.budget.Precision;
import dev.isoflop.budget.Work;
import dev.isoflop.carbon.Conditions;
import dev.isoflop.carbon.Exchange;
import dev.isoflop.fault.Check;
import dev.isoflop.fault.InputException;
import dev.isoflop.recipe.Table;
import dev.isoflop.run.Machine;
import dev.isoflop.train.Keep;
import dev.isoflop.train.Loop;
import dev.isoflop.train.Optimisation;

import java.math.BigInteger;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// How a run goes, whatever it trains: what pre-training and fine-tuning have in common.
///
/// Pure.
///
/// @param budget what may be spent
/// @param budgetAsked what was to be spent, before a run turned it into steps
/// @param cost on what, where and for how much the run is reckoned; none: in FLOPs alone
/// @param batch images a step
/// @param microBatch images at once
/// @param precision of matrix products
/// @param optimisation rate, warm-up, optimiser, clipping
/// @param saving how often to write checkpoints, and which to keep
/// @param brokenShare share of images that may be broken before the run ends
/// @param seed of every random choice
/// @param device `auto`, `cpu` or `cuda`
/// @param threads for one operator on a CPU; 0 is one a core
/// @param workers threads that decode and augment; 0 is one a core
public record RunSettings(
        Budget budget,
        Optional<Budget> budgetAsked,
        Optional<Conditions> cost,
        int batch,
        int microBatch,
        Precision precision,
        Optimisation optimisation,
        Saving saving,
        double brokenShare,
        long seed,
        String device,
        int threads,
        int workers) {

    /// When checkpoints are written.
    ///
    /// @param everySteps whole steps between them; 0 is twenty times a run
    /// @param keep which are kept
    public record Saving(long everySteps, Keep keep) {

        public Saving {
            Check.that(everySteps >= 0, "everySteps is %s; it must not be negative", everySteps);
        }

        public static Saving from(Table t) {
            return t.build(() ->
                    new Saving(
                            t.whole("every-steps", 0),
                            new Keep(t.count("keep-last", 2), t.whole("keep-every", 0))));
        }

        /// Steps between checkpoints in a run of this length.
        public long interval(long steps) {
            return everySteps > 0 ? everySteps : Math.max(1, Math.ceilDiv(steps, 20));
        }
    }

    /// What a recipe may leave out.
    ///
    /// @param budget if it may
    /// @param batch if it may
    public record Usual(
            Optional<Budget> budget, Optional<Integer> batch, Optimisation optimisation) {}

    public RunSettings {
        if (budget instanceof Budget.Cost spent) {
            Exchange.lack(spent, cost)
                    .ifPresent(
                            lack -> Check.that(false, "budget is %s; %s", spent.readable(), lack));
        }
        Check.that(batch >= 1, "batch is %s; it must be at least 1", batch);
        Check.that(
                microBatch >= 1 && microBatch <= batch,
                "microBatch is %s; it must lie between 1 and batch, %s",
                microBatch,
                batch);
        Check.that(
                brokenShare >= 0 && brokenShare <= 1,
                "brokenShare is %s; write a share between 0 and 1",
                brokenShare);
        Check.that(threads >= 0, "threads is %s; it must not be negative", threads);
        Check.that(workers >= 0, "workers is %s; it must not be negative", workers);
    }

    /// Reads the keys of a recipe that say how its run goes.
    public static RunSettings from(Table t, Usual usual) {
        Budget budget =
                usual.budget.isPresent() && !t.has("budget")
                        ? usual.budget.get()
                        : t.parsed("budget", Budget::parse);
        int batch =
                usual.batch.isPresent() ? t.count("batch", usual.batch.get()) : t.count("batch");
        return t.build(() ->
                new RunSettings(
                        budget,
                        t.has("budget-asked")
                                ? Optional.of(t.parsed("budget-asked", Budget::parse))
                                : Optional.empty(),
                        t.optionalTable("cost").map(Conditions::from),
                        batch,
                        t.count("micro-batch", batch),
                        t.choice("precision", Precision.F32),
                        t.optionalTable("optimiser")
                                .map(o -> Optimisation.from(o, usual.optimisation))
                                .orElse(usual.optimisation),
                        t.optionalTable("checkpoints")
                                .map(Saving::from)
                                .orElse(new Saving(0, new Keep(2, 0))),
                        t.real("broken-share", 0.01),
                        t.whole("seed", 0),
                        t.choice("device", List.of("auto", "cpu", "cuda"), "auto"),
                        t.count("threads", 0),
                        t.count("workers", 0)));
    }

    /// What the budget buys.
    ///
    /// @param price of one image
    /// @param again what runs once more for each image
    /// @param images in the dataset
    public Plan buys(Work price, Work again, long images, int devices) {
        BigInteger step = price.flops().multiply(BigInteger.valueOf(batch));
        Budget.Rates rates =
                budget instanceof Budget.Cost
                        ? Exchange.of(cost.orElseThrow(), precision, step)
                        : Budget.Rates.NONE;
        return Plan.of(budget, rates, price, again, batch, images, devices);
    }

    /// A plan that is long enough for its warm-up.
    ///
    /// @param name of the recipe
    /// @throws InputException if it is not
    public Plan checked(String name, Plan plan) {
        Optimisation.Rate rate = optimisation.rate();
        try {
            Objects.requireNonNull(rate.schedule(batch, plan.steps()));
        } catch (IllegalArgumentException e) {
            throw new InputException(
                    "%s: optimiser.warmup is %s; %s".formatted(name, rate.warmup(), e.getMessage()),
                    e);
        }
        return plan;
    }

    /// The table of a recipe, with the steps that it buys in the place of a budget in hours,
    /// energy, carbon or money: what a device is reckoned at may change, a run that was begun may
    /// not.
    public Table settled(Table table, Plan plan) {
        return budget instanceof Budget.Cost asked
                ? table.with("budget-asked", asked.readable())
                        .with("budget", plan.steps() + " steps")
                : table;
    }

    /// What the loop asks for.
    public Loop.Settings loop() {
        return new Loop.Settings(batch, microBatch, precision, optimisation, seed);
    }

    /// Threads for one operator.
    public int operatorThreads() {
        return threads > 0 ? threads : Machine.cores();
    }

    /// Threads that prepare images.
    public int loaderThreads() {
        return workers > 0 ? workers : Machine.cores();
    }
}
