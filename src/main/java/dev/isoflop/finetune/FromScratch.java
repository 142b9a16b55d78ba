package dev.isoflop.finetune;

import dev.isoflop.budget.Plan;
import dev.isoflop.budget.Work;
import dev.isoflop.encoder.Card;
import dev.isoflop.fault.InputException;
import dev.isoflop.fault.RunException;
import dev.isoflop.files.Sha256;
import dev.isoflop.recipe.Table;
import dev.isoflop.run.Measurement;
import dev.isoflop.run.Origin;
import dev.isoflop.run.Provenance;
import dev.isoflop.run.Result;
import dev.isoflop.run.RunFolder;
import dev.isoflop.run.RunListener;
import dev.isoflop.run.Score;
import dev.isoflop.run.Stop;
import dev.isoflop.train.Optimisation;
import dev.isoflop.trainer.RunData;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The network of a fine-tuning run begun with random weights, by the same recipe on the same data:
/// what its score is held against.
///
/// It is an ordinary run, in a folder beside the other that is named by a digest of all that
/// decides its score but the seed. So it is computed once, however many encoders of that shape are
/// tuned by that recipe; and what lies in such a folder is asked whether it is that run.
final class FromScratch {

    /// What its steps and progress are announced by.
    static final String WORDS = "from scratch";

    private static final int DIGITS = 12; // of the digest, in the folder's name

    private final Table table;
    private final Origin origin;
    private final Plan plan;
    private final FineTuneRecipe.Splits splits;
    private final String identity;
    private final long seed;
    private final Path path;

    private FromScratch(
            Table table, Origin origin, Plan plan, FineTuneRecipe.Splits splits, Path beside) {
        this.table = table;
        this.origin = origin;
        this.plan = plan;
        this.splits = splits;
        FineTuneRecipe recipe = FineTuneRecipe.from(table, origin);
        seed = recipe.settings().seed();
        Map<String, String> cards = cards(splits);
        identity = identity(recipe.on(splits.training()), plan.steps(), cards);
        String digest = Sha256.of(identity.getBytes(StandardCharsets.UTF_8)).substring(0, DIGITS);
        String name = recipe.task().name() + "-from-scratch-" + digest;
        path = plain(beside).resolveSibling(name).resolve("seed-" + seed);
    }

    /// That of a run or of a search's seed.
    ///
    /// @param read its recipe
    /// @param begun what its encoder was
    /// @param splits its data
    /// @param beside its folder, or that of its search
    static FromScratch of(Table read, Origin begun, FineTuneRecipe.Splits splits, Path beside) {
        FineTuneRecipe recipe = FineTuneRecipe.from(read, begun).on(splits.training());
        Plan plan = recipe.plan(splits.training().size(), 1);
        Origin origin = origin(begun, recipe.encoder().image());
        Optimisation how = recipe.settings().optimisation();
        // rate and decay go by the method that pre-trained an encoder where a recipe is silent
        Table table =
                FineTuneRecipe.withoutBaseline(recipe.kept(recipe.settings().settled(read, plan)))
                        .with("name", recipe.task().name() + "-from-scratch")
                        .with("from", Origin.SCRATCH)
                        .with("encoder", size(recipe))
                        .with("optimiser.base-rate", text(how.rate().baseRate()))
                        .with("optimiser.start-rate", text(how.rate().startRate()))
                        .with("optimiser.weight-decay", text(how.optimiser().weightDecay()))
                        .with("optimiser.end-weight-decay", text(how.endWeightDecay()));
        Optimisation its = FineTuneRecipe.from(table, origin).settings().optimisation();
        if (!its.equals(how)) {
            throw new IllegalStateException(
                    "from scratch it is trained by " + its + ", not " + how);
        }
        return new FromScratch(table, origin, plan, splits, beside);
    }

    private static String text(double value) {
        return Double.toString(value);
    }

    private static String size(FineTuneRecipe recipe) {
        return "{width: %d, depth: %d, heads: %d, patch: %d}"
                .formatted(
                        recipe.encoder().width(),
                        recipe.encoder().depth(),
                        recipe.encoder().heads(),
                        recipe.encoder().patch());
    }

    /// The same network of nobody, for images of the task's size: on which an encoder was
    /// pre-trained is no part of it.
    private static Origin origin(Origin begun, int image) {
        Card card = Origins.card(begun);
        Card fresh =
                new Card(
                        card.shape().at(image),
                        card.positions(),
                        card.pool(),
                        card.style(),
                        Origin.SCRATCH);
        return new Origin(Origin.SCRATCH, null, null, fresh.metadata(), null, null, null, null);
    }

    /// All that decides a score but the seed, a line each. Where the data lie is part of it, for
    /// their cards know no settings of how they are read.
    private static String identity(FineTuneRecipe recipe, long steps, Map<String, String> cards) {
        return String.join(
                "\n",
                List.of(
                        "task " + recipe.task(),
                        "network " + Origins.card(recipe.origin()),
                        "view " + recipe.view(),
                        "steps " + steps,
                        "batch " + recipe.settings().batch(),
                        "micro-batch " + recipe.settings().microBatch(),
                        "precision " + recipe.settings().precision(),
                        "optimisation " + recipe.settings().optimisation(),
                        "data " + recipe.data(),
                        "validation " + recipe.validation(),
                        "hold-out " + recipe.holdOut(),
                        "cards " + cards));
    }

    private static Map<String, String> cards(FineTuneRecipe.Splits splits) {
        Map<String, String> digests = new TreeMap<>();
        RunData.of(splits.training(), Optional.of(splits.validation()))
                .parts()
                .forEach((part, its) -> digests.put(part, its.identity().card().digest()));
        return digests;
    }

    private static Map<String, String> cards(Provenance provenance) {
        Map<String, String> digests = new TreeMap<>();
        provenance.cards().forEach((part, card) -> digests.put(part, card.digest()));
        return digests;
    }

    private static Path plain(Path folder) {
        Path name = folder.normalize().getFileName();
        return name == null || List.of("", "..").contains(name.toString())
                ? folder.toAbsolutePath().normalize()
                : folder;
    }

    /// Its folder.
    Path path() {
        return path;
    }

    /// What it costs, in words.
    String price() {
        return price(plan);
    }

    /// What a run from scratch of a plan costs, in words.
    static String price(Plan plan) {
        return String.format(
                Locale.ROOT, "%,d steps and %s", plan.steps(), Work.readable(plan.flops()));
    }

    /// What came of it, if it is over.
    ///
    /// @throws InputException if its folder is damaged, or holds another run
    Optional<Result> known() {
        return there() ? read().filter(Cells::over) : Optional.empty();
    }

    private boolean there() {
        return Files.exists(path.resolve("recipe.yaml"));
    }

    private Optional<Result> read() {
        try (RunFolder folder = RunFolder.read(path)) {
            Table kept = Table.parse(folder.recipe().toString(), folder.readRecipe());
            Origin begun =
                    folder.readOrigin()
                            .orElseThrow(() -> new InputException("it has no origin.json"));
            FineTuneRecipe found = FineTuneRecipe.from(FineTuneRecipe.resumed(kept), begun);
            FineTuneRecipe whole = found.on(splits.training());
            Plan its = whole.plan(splits.training().size(), 1);
            Map<String, String> cards =
                    folder.readProvenance().map(FromScratch::cards).orElseGet(() -> cards(splits));
            if (found.settings().seed() != seed
                    || !identity(whole, its.steps(), cards).equals(identity)) {
                throw new InputException("it holds another run");
            }
            return folder.readResult();
        } catch (InputException e) {
            throw new InputException(
                    "%s should hold the same network from scratch, and cannot be used: %s; move it away, and it is computed anew, or leave the baseline out with --no-baseline"
                            .formatted(path, e.getMessage()),
                    e);
        }
    }

    /// Runs it, or goes on with it, or reads what came of it.
    ///
    /// @return how it ended: finished, unstable, or interrupted when somebody wanted it to stop
    Result run(RunListener to, Stop stop) throws InterruptedException {
        Optional<Result> before = known();
        if (before.isPresent()) {
            return before.get();
        }
        to.begins(WORDS);
        RunListener its = briefly(to);
        try {
            return there()
                    ? FineTuning.resume(path, its, stop)
                    : FineTuning.of(table, origin).run(path, its, stop);
        } catch (RunException e) {
            return known().orElseThrow(() -> e); // what broke down is a result like any other
        } finally {
            to.begins("");
        }
    }

    /// Told all but its plan and its bill, texts of many lines that its folder has.
    private static RunListener briefly(RunListener to) {
        return new RunListener() {
            @Override
            public void said(String line) {
                if (line.indexOf('\n') < 0) {
                    to.said(line);
                }
            }

            @Override
            public void step(Measurement m, long steps) {
                to.step(m, steps);
            }

            @Override
            public void progress(String what, long done, long of) {
                to.progress(what, done, of);
            }
        };
    }

    /// The figure of a run from scratch; none where training broke down, or nothing is judged.
    static Optional<Double> value(Result result) {
        return Optional.ofNullable(result.score())
                .filter(_ -> result.status() == Result.Status.FINISHED)
                .map(Score::main)
                .map(Score.Metric::value)
                .filter(Double::isFinite);
    }
}
