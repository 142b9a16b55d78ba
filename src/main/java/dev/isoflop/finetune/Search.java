package dev.isoflop.finetune;

import dev.isoflop.budget.Plan;
import dev.isoflop.fault.Check;
import dev.isoflop.fault.InputException;
import dev.isoflop.recipe.Table;
import dev.isoflop.run.RunFolder;
import dev.isoflop.run.RunListener;
import dev.isoflop.run.SearchReport;
import dev.isoflop.run.Stop;

import java.nio.file.Path;
import java.util.List;

/// The protocol of Koppula et al. 2022, section A.4: rates and weight decays, each in a run of its
/// own, then several seeds at the best of them, of which the median counts.
///
/// Each run lies in a folder within the search's. One that came to an end, or broke down, is not
/// run again; one that was stopped goes on.
public final class Search {

    static final String HELD_OUT = "held-out";
    static final String VALIDATION = "val";

    private final Table table;
    private final Wanted wanted;

    private Search(Table table, Wanted wanted) {
        this.table = table;
        this.wanted = wanted;
    }

    /// What is asked of a search.
    ///
    /// @param grid whether rates and decays are tried; else the recipe's own are taken
    /// @param onValidation whether cells are compared on the validation data itself, as in the
    ///   paper; else on what the recipe says, which is by default a part of the training data that
    ///   is held out
    /// @param seeds runs at the best; 0 for those of the recipe
    public record Wanted(boolean grid, boolean onValidation, int seeds) {}

    /// What is tried.
    ///
    /// @param rates learning rates
    /// @param decays weight decays
    /// @param seeds runs at the best
    /// @param heldOut share of the training data that cells are compared on
    /// @param on what they are compared on: that part, `held-out`, or the validation data itself,
    ///   `val`, as in the paper
    public record Settings(
            List<Double> rates, List<Double> decays, int seeds, double heldOut, String on) {

        /// Section A.4; but for the held-out part, for which it takes the validation data.
        public static final Settings PAPER =
                new Settings(
                        List.of(1e-5, 5e-5, 1e-4, 5e-4),
                        List.of(0.1, 0.05, 0.01),
                        5,
                        0.1,
                        HELD_OUT);

        public Settings {
            rates = List.copyOf(rates);
            decays = List.copyOf(decays);
            Check.that(
                    !rates.isEmpty() && rates.stream().allMatch(rate -> rate > 0),
                    "rates is %s; write one or more, above 0",
                    rates);
            Check.that(
                    !decays.isEmpty() && decays.stream().allMatch(decay -> decay >= 0),
                    "decays is %s; write one or more, at least 0",
                    decays);
            Check.that(seeds >= 1, "seeds is %s; it must be at least 1", seeds);
            Check.that(
                    heldOut > 0 && heldOut < 1,
                    "heldOut is %s; write a share between 0 and 1, such as 0.1",
                    heldOut);
        }

        public static Settings from(Table t) {
            return t.build(() ->
                    new Settings(
                            t.reals("rates", PAPER.rates),
                            t.reals("decays", PAPER.decays),
                            t.count("seeds", PAPER.seeds),
                            t.real("held-out", PAPER.heldOut),
                            t.choice("on", List.of(HELD_OUT, VALIDATION), PAPER.on)));
        }

        boolean onValidation() {
            return on.equals(VALIDATION);
        }

        /// How many runs choose rate and decay.
        int cells() {
            return Math.multiplyExact(rates.size(), decays.size());
        }

        /// How many of so many images a cell learns from where a part is held out, up to chance.
        long learned(long images) {
            return Math.round(images * (1 - heldOut));
        }
    }

    /// The search that is to be made with a recipe.
    public static Search of(Table recipe, Wanted wanted) {
        return new Search(recipe, wanted);
    }

    /// Whether a run's folder holds a search.
    ///
    /// @throws InputException if it holds no run
    public static boolean isIn(Path folder) {
        try (RunFolder read = RunFolder.read(folder)) {
            return read.readSearch().isPresent();
        }
    }

    /// The same search, whose median is not held against that of the same network from scratch.
    public Search withoutBaseline() {
        return new Search(FineTuneRecipe.withoutBaseline(table), wanted);
    }

    /// Makes it, or as much of it as is done when someone wants it to stop; asked between steps,
    /// images and runs.
    ///
    /// @param folder of the search, which must not be there yet
    /// @return what it came to, as the folder's `search.json` has it
    /// @throws InputException if the recipe, the data or the folder will not do
    public SearchReport run(Path folder, RunListener to, Stop stop) throws InterruptedException {
        FineTuneRecipe whole = FineTuneRecipe.from(table);
        Settings settings = whole.search();
        SearchReport begun =
                SearchReport.begun(
                        new SearchReport.Wanted(
                                wanted.grid,
                                wanted.onValidation ? VALIDATION : settings.on,
                                settings.heldOut,
                                settings.rates,
                                settings.decays,
                                wanted.seeds > 0 ? wanted.seeds : settings.seeds));
        try (FineTuneRecipe.Splits splits = whole.open()) {
            // data that will not do and a budget too small are said before a folder is made
            Plan plan = whole.on(splits.training()).plan(splits.training().size(), 1);
            if (whole.wantsScratch()) {
                to.said(
                        "baseline    as many seeds of the same network from scratch after the seeds, at their rate: %d times %s, unless they are known; --no-baseline leaves them out"
                                .formatted(begun.wanted().wantedSeeds(), FromScratch.price(plan)));
            }
        }
        try (RunFolder opened = RunFolder.create(folder)) {
            opened.writeRecipe(whole.kept(table).yaml());
            opened.writeOrigin(Origins.identified(whole.origin()));
            opened.writeSearch(begun);
            return new Cells(opened, table, begun, to, stop).run();
        }
    }

    /// Goes on with the search in a folder.
    ///
    /// @throws InputException if it holds no search, or it is another process's
    public static SearchReport resume(Path folder, RunListener to, Stop stop)
            throws InterruptedException {
        try (RunFolder opened = RunFolder.resume(folder)) {
            SearchReport report =
                    opened.readSearch()
                            .orElseThrow(() -> new InputException(folder + " holds no search"));
            Table read = Table.parse(opened.recipe().toString(), opened.readRecipe());
            Table table = FineTuneRecipe.resumed(read);
            return new Cells(opened, table, report, to, stop).run();
        }
    }
}
