package dev.isoflop.cli;

import dev.isoflop.budget.Budget;
import dev.isoflop.budget.Plan;
import dev.isoflop.budget.Precision;
import dev.isoflop.budget.Work;
import dev.isoflop.carbon.Conditions;
import dev.isoflop.carbon.Exchange;
import dev.isoflop.carbon.Footprint;
import dev.isoflop.data.Dataset;
import dev.isoflop.data.Source;
import dev.isoflop.fault.Check;
import dev.isoflop.fault.InputException;
import dev.isoflop.image.Showing;
import dev.isoflop.image.View;
import dev.isoflop.method.Byol;
import dev.isoflop.method.Clip;
import dev.isoflop.method.Dino;
import dev.isoflop.method.Mae;
import dev.isoflop.method.Method;
import dev.isoflop.method.SimClr;
import dev.isoflop.method.Supervised;
import dev.isoflop.recipe.Table;
import dev.isoflop.train.Keep;
import dev.isoflop.train.Optimisation;
import dev.isoflop.vit.VitShape;

import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// One run as a file, read: everything that decides its numbers.
///
/// Pure: reading and planning a recipe loads no native library.
///
/// @param name of the run, and of its folder
/// @param method which way to pre-train, with its settings
/// @param encoder what is pre-trained, and the image's side
/// @param data where images come from
/// @param images how many there are, where the recipe says so, so that a plan needs none of them;
///   else 0
/// @param views how an image is shown
/// @param tokenizer to read captions with; none is trained on the captions of the data
/// @param budget what may be spent
/// @param budgetAsked what was to be spent, before a run turned it into steps
/// @param cost on what, where and for how much the run is reckoned; none: in FLOPs alone
/// @param figures of a study that show it
/// @param batch images a step
/// @param microBatch images at once
/// @param precision of matrix products
/// @param optimisation rate, warm-up, AdamW, clipping
/// @param saving how often to write checkpoints, and which to keep
/// @param probe of the encoder while it is trained, if any
/// @param brokenShare share of images that may be broken before the run ends
/// @param seed of every random choice
/// @param device `auto`, `cpu` or `cuda`
/// @param threads for one operator on a CPU; 0 is one a core
/// @param workers threads that decode and augment; 0 is one a core
public record Recipe(
        String name,
        Method.Config method,
        VitShape encoder,
        Source data,
        long images,
        List<Showing> views,
        Optional<Path> tokenizer,
        Budget budget,
        Optional<Budget> budgetAsked,
        Optional<Conditions> cost,
        List<String> figures,
        int batch,
        int microBatch,
        Precision precision,
        Optimisation optimisation,
        Saving saving,
        Optional<OnlineProbing.Config> probe,
        double brokenShare,
        long seed,
        String device,
        int threads,
        int workers) {

    private static final Pattern WORD = Pattern.compile("[^./\\\\\\s][^/\\\\]*");
    static final List<String> METHODS =
            List.of("mae", "dino", "simclr", "byol", "clip", "supervised");

    /// When checkpoints are written.
    ///
    /// @param everySteps whole steps between them; 0 is twenty times a run
    /// @param keep which are kept
    public record Saving(long everySteps, Keep keep) {

        public Saving {
            Check.that(everySteps >= 0, "everySteps is %s; it must not be negative", everySteps);
        }

        static Saving from(Table t) {
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

    /// Reads a recipe; every key that is not known is an error.
    public static Recipe from(Table t) {
        int image = t.count("image", 224);
        VitShape encoder = encoder(t, image);
        int batch = t.count("batch");
        Method.Config method = method(t.table("method"));
        Source data = Sources.from(t.table("data"), image);
        Recipe recipe =
                t.build(() ->
                        new Recipe(
                                t.text("name"),
                                method,
                                encoder,
                                data,
                                Sources.images(t.table("data"), data),
                                views(t, method.views(image)),
                                tokenizer(t, method),
                                t.parsed("budget", Budget::parse),
                                t.has("budget-asked")
                                        ? Optional.of(t.parsed("budget-asked", Budget::parse))
                                        : Optional.empty(),
                                t.optionalTable("cost").map(Conditions::from),
                                t.texts("figures", List.of()),
                                batch,
                                t.count("micro-batch", batch),
                                t.choice("precision", Precision.F32),
                                t.optionalTable("optimiser")
                                        .map(o -> Optimisation.from(o, method.optimisation()))
                                        .orElse(method.optimisation()),
                                t.optionalTable("checkpoints")
                                        .map(Saving::from)
                                        .orElse(new Saving(0, new Keep(2, 0))),
                                t.optionalTable("probe")
                                        .map(p -> OnlineProbing.Config.from(p, image)),
                                t.real("broken-share", 0.01),
                                t.whole("seed", 0),
                                t.choice("device", List.of("auto", "cpu", "cuda"), "auto"),
                                t.count("threads", 0),
                                t.count("workers", 0)));
        t.done();
        return recipe;
    }

    public Recipe {
        views = List.copyOf(views);
        figures = List.copyOf(figures);
        if (budget instanceof Budget.Cost spent) {
            Exchange.lack(spent, cost)
                    .ifPresent(
                            lack -> Check.that(false, "budget is %s; %s", spent.readable(), lack));
        }
        Objects.requireNonNull(
                withClasses(method, 1)
                        .perImage(encoder, batch)); // a method that this encoder cannot have
        Check.that(
                WORD.matcher(name).matches(),
                "name is \"%s\"; write a word that can name a folder",
                name);
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

    /// `encoder: B/16`, or a table of width, depth, heads and patch.
    private static VitShape encoder(Table t, int image) {
        if (t.isTable("encoder")) {
            Table e = t.table("encoder");
            return e.build(() ->
                    new VitShape(
                            e.count("width"),
                            e.count("depth"),
                            e.count("heads"),
                            e.count("patch"),
                            image));
        }
        return t.parsed("encoder", name -> VitShape.of(name, image));
    }

    static Method.Config method(Table t) {
        return switch (t.choice("name", METHODS).toLowerCase(Locale.ROOT)) {
            case "mae" -> Mae.Config.from(t);
            case "dino" -> Dino.Config.from(t);
            case "simclr" -> SimClr.Config.from(t);
            case "byol" -> Byol.Config.from(t);
            case "clip" -> Clip.Config.from(t);
            case "supervised" -> Supervised.Config.from(t);
            default -> throw t.fault("name", "has no settings");
        };
    }

    private static Optional<Path> tokenizer(Table t, Method.Config method) {
        if (!t.has("tokenizer")) {
            return Optional.empty();
        }
        if (!(method instanceof Clip.Config)) {
            throw t.fault("tokenizer", "has no effect: method " + method.name() + " reads no text");
        }
        return Optional.of(t.path("tokenizer"));
    }

    /// A method's views: `view` changes all of them, `views` one by its name.
    private static List<Showing> views(Table t, List<Showing> usual) {
        Optional<Table> all = t.optionalTable("view");
        Optional<Table> single = t.optionalTable("views");
        List<Showing> shown = new ArrayList<>();
        for (Showing showing : usual) {
            View view =
                    all.map(table -> ViewSettings.from(table, showing.view()))
                            .orElse(showing.view());
            shown.add(
                    showing.of(
                            single.flatMap(table -> table.optionalTable(showing.name()))
                                    .map(table -> ViewSettings.from(table, view))
                                    .orElse(view)));
        }
        single.ifPresent(Table::done);
        return shown;
    }

    /// Every view that is cut, in the order of the method's.
    List<View> cuts() {
        return views.stream()
                .flatMap(showing -> Stream.generate(showing::view).limit(showing.times()))
                .toList();
    }

    /// How many images there are: as stated, or counted.
    long datasetSize() throws Exception {
        if (images > 0) {
            return images;
        }
        try (Dataset dataset = data.open()) {
            return dataset.size();
        }
    }

    /// Opens the data.
    ///
    /// @throws InputException if there are not as many images as the recipe says
    Dataset open() throws Exception {
        Dataset dataset = data.open();
        if (images > 0 && images != dataset.size()) {
            int found = dataset.size();
            dataset.close();
            throw new InputException(
                    "data.images is %,d, but there are %,d in %s; correct it, or leave it out"
                            .formatted(images, found, Sources.name(data)));
        }
        return dataset;
    }

    /// This recipe with as many classes as its data has, where the method learns classes and the
    /// recipe does not say how many.
    Recipe complete() throws Exception {
        if (withClasses(method, 1).equals(method)) {
            return this;
        }
        try (Dataset dataset = open()) {
            return on(dataset);
        }
    }

    /// The same for data that is open.
    ///
    /// @throws InputException if the method cannot learn from such data
    Recipe on(Dataset dataset) {
        Needs.check(method, dataset);
        int found = dataset.classNames().size();
        Method.Config complete = withClasses(method, found);
        if (complete instanceof Supervised.Config supervised && supervised.classes() < found) {
            throw new InputException(
                    "method.classes is %,d, but %s has %,d classes; write %d or more, or leave it out"
                            .formatted(supervised.classes(), dataset.name(), found, found));
        }
        return new Recipe(
                name,
                complete,
                encoder,
                data,
                images,
                views,
                tokenizer,
                budget,
                budgetAsked,
                cost,
                figures,
                batch,
                microBatch,
                precision,
                optimisation,
                saving,
                probe,
                brokenShare,
                seed,
                device,
                threads,
                workers);
    }

    /// A method with this number of classes, if it asks for one that is not yet known.
    static Method.Config withClasses(Method.Config method, int classes) {
        return method instanceof Supervised.Config supervised && supervised.classes() == 0
                ? supervised.withClasses(classes)
                : method;
    }

    /// What this recipe buys on so many devices.
    ///
    /// @param images in the dataset
    public Plan plan(long images, int devices) {
        Plan plan = plan(method, images, devices);
        try {
            Objects.requireNonNull(optimisation.rate().schedule(batch, plan.steps()));
        } catch (IllegalArgumentException e) {
            throw new InputException(
                    "%s: optimiser.warmup is %s; %s"
                            .formatted(name, optimisation.rate().warmup(), e.getMessage()),
                    e);
        }
        return plan;
    }

    /// What this recipe's budget buys a method, which may be another than its own.
    ///
    /// @param images in the dataset
    /// @throws IllegalArgumentException if the method cannot have this encoder
    Plan plan(Method.Config method, long images, int devices) {
        Work again = microBatch < batch ? method.again(encoder) : Work.none("again");
        Work price = method.perImage(encoder, batch);
        BigInteger step = price.flops().multiply(BigInteger.valueOf(batch));
        Budget.Rates rates =
                budget instanceof Budget.Cost
                        ? Exchange.of(cost.orElseThrow(), precision, step)
                        : Budget.Rates.NONE;
        return Plan.of(budget, rates, price, again, batch, images, devices);
    }

    /// The table this recipe was read from, with the steps that it buys in the place of a budget in
    /// hours, energy, carbon or money: what a device is reckoned at may change, a run that was
    /// begun may not.
    Table settled(Table table, Plan plan) {
        return budget instanceof Budget.Cost asked
                ? table.with("budget-asked", asked.readable())
                        .with("budget", plan.steps() + " steps")
                : table;
    }

    /// Hours, energy, carbon and money of a plan, where the recipe says on what it is reckoned.
    Optional<Footprint> footprint(Plan plan) {
        return cost.map(on -> Footprint.of(on, precision, plan.flopsPerStep(), plan.steps()));
    }

    /// Devices that a plan divides by: those of the recipe's `cost`, or one.
    int devices() {
        return cost.map(Conditions::devices).orElse(1);
    }
}
