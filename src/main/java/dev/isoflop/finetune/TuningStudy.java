package dev.isoflop.finetune;

import dev.isoflop.budget.Plan;
import dev.isoflop.budget.Work;
import dev.isoflop.encoder.Card;
import dev.isoflop.fault.InputException;
import dev.isoflop.pretrain.PretrainRecipe;
import dev.isoflop.recipe.RecipeFiles;
import dev.isoflop.recipe.Table;
import dev.isoflop.run.Origin;
import dev.isoflop.run.Result;
import dev.isoflop.run.RunFolder;
import dev.isoflop.run.RunListener;
import dev.isoflop.run.SearchReport;
import dev.isoflop.run.Stop;
import dev.isoflop.vit.Positions;
import dev.isoflop.vit.Vit;
import dev.isoflop.vit.VitStyle;

import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// A search over each of several pre-trained encoders, as a file: which runs pre-trained them, and
/// what is tried on each.
///
/// ```yaml
/// name: ade20k-study
/// recipe: recipes/ade20k/segmentation.yaml
/// pretrained:
///   recipes: recipes/paper
///   runs: runs
///   where: {encoder: [B/16], budget: [250000 steps]}
/// search: {on: val, seeds: 5}
/// ```
///
/// Every other key replaces the fine-tuning recipe's. The pre-training runs are expected below
/// `runs`, each in a folder of its name; the searches go below the study's own folder likewise.
public final class TuningStudy {

    private static final String PRETRAINED = "pretrained";
    private static final String RECIPE = "recipe";
    private static final String WHERE = "where";

    private final String name;
    private final List<Encoder> encoders;

    /// An encoder of the study.
    ///
    /// @param name of the run that pre-trains it
    /// @param run its folder
    /// @param search the fine-tuning recipe, with this encoder
    /// @param cells runs that choose rate and decay
    /// @param seeds runs at the best
    /// @param cell what one of the cells costs
    /// @param seed what one of the seeds costs
    /// @param scratch seeds from scratch that those are held against, unless another encoder has
    ///   the same
    public record Encoder(
            String name,
            Path run,
            Table search,
            int cells,
            int seeds,
            Plan cell,
            Plan seed,
            int scratch) {

        /// How many fine-tuning runs it takes.
        public int runs() {
            return cells + seeds;
        }

        /// What they cost, convention matmul, scope total.
        public BigInteger flops() {
            return cell.flops()
                    .multiply(BigInteger.valueOf(cells))
                    .add(seed.flops().multiply(BigInteger.valueOf(seeds)));
        }

        /// What the seeds from scratch cost.
        BigInteger baseline() {
            return seed.flops().multiply(BigInteger.valueOf(scratch));
        }

        /// Whether its pre-training has ended.
        boolean isThere() {
            if (!Files.isRegularFile(run.resolve("recipe.yaml"))) {
                return false;
            }
            try (RunFolder folder = RunFolder.read(run)) {
                return folder.readResult()
                        .map(Result::status)
                        .filter(Result.Status.FINISHED::equals)
                        .isPresent();
            }
        }
    }

    /// What came of a study so far.
    ///
    /// @param searches by the name of the run that pre-trained their encoder
    /// @param missing runs whose pre-training has not ended
    /// @param stopped whether somebody wanted it to stop before all others were searched
    public record Outcome(
            Map<String, SearchReport> searches, List<String> missing, boolean stopped) {

        public Outcome {
            searches = new LinkedHashMap<>(searches);
            missing = List.copyOf(missing);
        }

        /// Whether every encoder has its figure.
        public boolean complete() {
            return missing.isEmpty()
                    && !stopped
                    && searches.values().stream().allMatch(report -> report.median() != null);
        }
    }

    private TuningStudy(String name, List<Encoder> encoders) {
        this.name = name;
        this.encoders = List.copyOf(encoders);
    }

    /// Whether a recipe is a study over pre-trained encoders.
    public static boolean isOne(Table recipe) {
        return recipe.keys().contains(PRETRAINED);
    }

    /// Reads a study, and prices each of its searches. Neither the pre-trained runs nor the data
    /// need be there, where the fine-tuning recipe says how many images and classes there are.
    ///
    /// @throws InputException if a recipe will not do, or no run is chosen
    public static TuningStudy from(Table t) {
        Table tuning = t.over(Table.read(t.path(RECIPE)), Set.of(RECIPE, PRETRAINED));
        Table pretrained = t.table(PRETRAINED);
        Path recipes = pretrained.path("recipes");
        Path runs = pretrained.path("runs", Path.of("runs"));
        Map<String, List<String>> where = new LinkedHashMap<>();
        pretrained
                .optionalTable(WHERE)
                .ifPresent(table -> table.keys().forEach(key -> where.put(key, table.texts(key))));
        pretrained.done();
        List<Encoder> encoders =
                new RecipeFiles(List.of(), null)
                        .readAll(recipes).stream()
                                .filter(recipe -> !FineTuneRecipe.isOne(recipe) && !isOne(recipe))
                                .filter(recipe -> chosen(recipe, where))
                                .map(recipe -> encoder(tuning, recipe, runs))
                                .toList();
        if (encoders.isEmpty()) {
            throw pretrained.fault(
                    WHERE, "is %s, which no run of %s has".formatted(where, recipes));
        }
        return new TuningStudy(t.text("name"), encoders);
    }

    private static boolean chosen(Table recipe, Map<String, List<String>> where) {
        return where.entrySet().stream()
                .allMatch(wanted ->
                        recipe.has(wanted.getKey())
                                && wanted.getValue().contains(recipe.text(wanted.getKey())));
    }

    private static Encoder encoder(Table tuning, Table pretraining, Path runs) {
        PretrainRecipe before = PretrainRecipe.from(pretraining);
        Path run = runs.resolve(before.name());
        Card card =
                new Card(
                        before.encoder(),
                        Positions.SINE_COSINE,
                        Vit.Pool.CLASS_TOKEN,
                        VitStyle.TIMM,
                        before.name());
        String method = before.method().name();
        Origin origin =
                new Origin(run.toString(), method, null, card.metadata(), null, null, null, null);
        Table search = tuning.with("from", Table.quoted(run.toString()));
        FineTuneRecipe recipe = FineTuneRecipe.from(search, origin).complete();
        Search.Settings tried = recipe.search();
        long learned = tried.onValidation() ? recipe.images() : tried.learned(recipe.images());
        return new Encoder(
                before.name(),
                run,
                search,
                tried.cells(),
                tried.seeds(),
                recipe.plan(learned, 1),
                recipe.plan(recipe.images(), 1),
                recipe.wantsScratch() ? tried.seeds() : 0);
    }

    /// The study's name, and that of its folder.
    public String name() {
        return name;
    }

    /// Its encoders, in the order of the recipes.
    public List<Encoder> encoders() {
        return encoders;
    }

    /// How many fine-tuning runs there are.
    public long runs() {
        return encoders.stream().mapToLong(Encoder::runs).sum();
    }

    /// What all of them cost.
    public BigInteger flops() {
        return encoders.stream().map(Encoder::flops).reduce(BigInteger.ZERO, BigInteger::add);
    }

    /// One sentence on what it takes.
    public String sum() {
        return String.format(
                Locale.ROOT,
                "%,d fine-tuning runs on %,d pre-trained encoders, %,d cells and %,d seeds,"
                        + " together %s; judging is not counted%s",
                runs(),
                encoders.size(),
                encoders.stream().mapToLong(Encoder::cells).sum(),
                encoders.stream().mapToLong(Encoder::seeds).sum(),
                Work.readable(flops()),
                baselines().signum() == 0
                        ? ""
                        : "; seeds from scratch to hold them against come to %s more at most, once for encoders of one shape, rate and decay"
                                .formatted(Work.readable(baselines())));
    }

    /// What the runs from scratch cost at most that the seeds are held against, likewise; less
    /// where encoders have shape, rate and decay in common.
    public BigInteger baselines() {
        return encoders.stream().map(Encoder::baseline).reduce(BigInteger.ZERO, BigInteger::add);
    }

    /// Searches those encoders whose pre-training has ended, or goes on with what is begun.
    ///
    /// @param folder of the study; each search gets a folder of its own in it
    /// @param to is told which runs are missing
    /// @throws InputException if none is there
    public Outcome run(Path folder, RunListener to, Stop stop) throws InterruptedException {
        List<Encoder> there = encoders.stream().filter(Encoder::isThere).toList();
        List<String> missing = new ArrayList<>(encoders.stream().map(Encoder::name).toList());
        missing.removeAll(there.stream().map(Encoder::name).toList());
        if (there.isEmpty()) {
            throw new InputException(
                    "none of the %,d runs of %s has ended its pre-training; the first would be %s"
                            .formatted(encoders.size(), name, encoders.getFirst().run()));
        }
        if (!missing.isEmpty()) {
            to.said(
                    "missing     %,d of %,d pre-trained runs: %s"
                            .formatted(
                                    missing.size(), encoders.size(), String.join(", ", missing)));
        }
        Map<String, SearchReport> searches = new LinkedHashMap<>();
        for (Encoder encoder : there) {
            if (stop.wanted()) {
                return new Outcome(searches, missing, true);
            }
            Path path = folder.resolve(encoder.name());
            to.said("study       " + encoder.name());
            SearchReport report =
                    Files.exists(path.resolve("search.json"))
                            ? Search.resume(path, to, stop)
                            : Search.of(encoder.search(), new Search.Wanted(true, false, 0))
                                    .run(path, to, stop);
            to.said("study       " + encoder.name() + ": " + report.message());
            searches.put(encoder.name(), report);
            if (!report.complete()) {
                return new Outcome(searches, missing, true);
            }
        }
        return new Outcome(searches, missing, false);
    }
}
