package dev.isoflop.finetune;

import dev.isoflop.budget.Budget;
import dev.isoflop.budget.Plan;
import dev.isoflop.budget.Work;
import dev.isoflop.data.Dataset;
import dev.isoflop.data.Datasets;
import dev.isoflop.data.Field;
import dev.isoflop.data.HeldOut;
import dev.isoflop.data.Lacking;
import dev.isoflop.data.Source;
import dev.isoflop.fault.Check;
import dev.isoflop.fault.InputException;
import dev.isoflop.image.View;
import dev.isoflop.image.ViewSettings;
import dev.isoflop.recipe.Table;
import dev.isoflop.run.Origin;
import dev.isoflop.task.Task;
import dev.isoflop.task.Transfer;
import dev.isoflop.trainer.RunSettings;
import dev.isoflop.vit.VitShape;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// One fine-tuning run as a file, read: everything that decides its numbers.
///
/// Pure: reading and planning loads no native library.
///
/// @param name of the run, and of its folder
/// @param task what is learned and how it is evaluated, with its settings
/// @param origin where the encoder comes from
/// @param encoder what is trained, for images of the run's size
/// @param data where images and what is known of them come from
/// @param images how many there are, where the recipe says so; else 0
/// @param validation what is evaluated on, unless a part of the data is held out for it
/// @param holdOut share of the data that is kept back and evaluated on; 0 for none
/// @param view how an image is shown
/// @param search what a search tries
/// @param baseline whether its score is held against that of the same network from scratch
/// @param settings how the run goes
public record FineTuneRecipe(
        String name,
        Task.Config task,
        Origin origin,
        VitShape encoder,
        Source data,
        long images,
        Optional<Source> validation,
        double holdOut,
        View view,
        Search.Settings search,
        boolean baseline,
        RunSettings settings) {

    private static final int IMAGE = 512; // Koppula et al. 2022, A.4, as the next two
    private static final int BATCH = 32;
    private static final String BUDGET = "80 epochs";
    private static final String BASELINE = "baseline";
    private static final long HELD_OUT = 0x5EED; // which images, the same in every run

    public FineTuneRecipe {
        Check.that(
                holdOut >= 0 && holdOut < 1,
                "holdOut is %s; write a share of at least 0 and below 1, such as 0.1",
                holdOut);
    }

    /// Whether a recipe fine-tunes; any other pre-trains.
    public static boolean isOne(Table recipe) {
        return recipe.keys().contains("task");
    }

    /// Refuses a recipe that fine-tunes, where one that pre-trains is expected.
    ///
    /// @param from its file, or the run's folder
    /// @param asked what is for pre-training, such as `isoflop pretrain`
    /// @param instead what would do
    public static void refuse(Table recipe, String from, String asked, String instead) {
        if (isOne(recipe) || TuningStudy.isOne(recipe)) {
            throw new InputException(
                    "%s fine-tunes (it has %s), and %s is for pre-training; take %s"
                            .formatted(
                                    from,
                                    isOne(recipe) ? "a task" : "encoders under pretrained",
                                    asked,
                                    instead));
        }
    }

    /// Reads a recipe, and finds the encoder that it names.
    public static FineTuneRecipe from(Table t) {
        return from(t, origin(t).origin());
    }

    /// Finds the encoder that a recipe names.
    static Origins.Found origin(Table t) {
        int image = t.count("image", IMAGE);
        Optional<VitShape> encoder =
                t.has("encoder") ? Optional.of(VitShape.from(t, image)) : Optional.empty();
        return Origins.find(t, encoder, image);
    }

    /// Reads a recipe whose encoder is known; every key that is not known is an error.
    public static FineTuneRecipe from(Table t, Origin origin) {
        int image = t.count("image", IMAGE);
        String _ = t.text("from", Origin.SCRATCH);
        if (t.has("encoder")) {
            VitShape _ = VitShape.from(t, image);
        }
        VitShape encoder = Origins.shape(origin).at(image);
        Task.Config task = Task.Config.from(t, encoder);
        Source data = Source.from(t.table("data"), image);
        RunSettings settings =
                RunSettings.from(
                        t,
                        new RunSettings.Usual(
                                Optional.of(Budget.parse(BUDGET)),
                                Optional.of(BATCH),
                                task.optimisation(pretrainedBy(origin))));
        View usual = task.view(image);
        FineTuneRecipe recipe =
                t.build(() ->
                        new FineTuneRecipe(
                                t.name("name"),
                                task,
                                origin,
                                encoder,
                                data,
                                Source.stated(t.table("data"), data),
                                t.optionalTable("validation").map(v -> Source.from(v, image)),
                                t.real("hold-out", 0),
                                t.optionalTable("view")
                                        .map(v -> ViewSettings.from(v, usual))
                                        .orElse(usual),
                                t.optionalTable("search")
                                        .map(Search.Settings::from)
                                        .orElse(Search.Settings.PAPER),
                                t.flag(BASELINE, true),
                                settings));
        t.done();
        return recipe.checked(t);
    }

    private FineTuneRecipe checked(Table t) {
        if (validation.isEmpty() && holdOut == 0) {
            throw t.fault(
                    "validation",
                    "is missing: there is nothing to judge on; name a dataset as under data, or"
                            + " keep a part of the data back with hold-out: 0.1");
        }
        return this;
    }

    /// The method that pre-trained an encoder, "unknown" where nobody says, or none.
    private static Optional<String> pretrainedBy(Origin origin) {
        String method = origin.method();
        return origin.from().equals(Origin.SCRATCH)
                ? Optional.empty()
                : Optional.of(method == null ? "unknown" : method);
    }

    /// Whether the same network is to be fine-tuned from scratch beside it: one that begins so has
    /// itself for a baseline.
    public boolean wantsScratch() {
        return baseline && !origin.from().equals(Origin.SCRATCH);
    }

    /// A recipe as the folder of a run keeps it: what it leaves out and may change is said.
    Table kept(Table read) {
        return task.transfer().kept(read).with(BASELINE, Boolean.toString(baseline));
    }

    /// A recipe in the folder of a run that goes on; what it leaves out is as it was when it was
    /// begun: a run from before there were baselines has none.
    static Table resumed(Table read) {
        Table table = Transfer.resumed(read);
        return table.has(BASELINE) ? table : withoutBaseline(table);
    }

    /// A recipe whose score is not held against that of the same network from scratch.
    static Table withoutBaseline(Table recipe) {
        return recipe.with(BASELINE, "false");
    }

    /// What a run learns from, and what it is evaluated on.
    ///
    /// @param training the data, or what is not held out of it
    /// @param validation the validation data, or what is held out
    /// @param own datasets that are closed with this
    public record Splits(Dataset training, Dataset validation, Datasets own)
            implements AutoCloseable {

        /// What a run should say of them before it begins: what is left out. Parts of one whole
        /// leave out the same.
        List<String> notes() {
            return Stream.of(training, validation)
                    .flatMap(data -> data.leftOut().stream().map(left -> left.textOf(data.name())))
                    .distinct()
                    .toList();
        }

        @Override
        public void close() {
            own.close();
        }
    }

    /// Opens the data, of which both parts are one opening where one is held out of the other.
    ///
    /// @throws InputException if it has not what the task needs, is not as the recipe says, or what
    ///   is evaluated on has other classes
    public Splits open() {
        Datasets own = new Datasets();
        try {
            return open(own, own);
        } catch (RuntimeException e) {
            own.close();
            throw e;
        }
    }

    /// The same among data that may be open already; they stay open.
    public Splits open(Datasets shared) {
        return open(shared, new Datasets());
    }

    private Splits open(Datasets from, Datasets own) {
        Dataset training = openTraining(from);
        List<String> learned = task.classNames(training);
        Dataset held = from.open(part(HeldOut.Part.HELD_OUT));
        requireSame(training, learned, held);
        requireEverywhere(training);
        requireEverywhere(held);
        return new Splits(training, held, own);
    }

    private Dataset openTraining(Datasets from) {
        Dataset training = from.open(part(HeldOut.Part.TRAIN));
        int found = training.size();
        if (holdOut == 0 && images > 0 && images != found) {
            throw new InputException(
                    "data.images is %,d, but there are %,d in %s; correct it, or leave it out"
                            .formatted(images, found, data.name()));
        }
        return training;
    }

    /// What is learned from, or evaluated on. Held-out images are the same whatever the run's seed,
    /// so that runs can be compared on them.
    private Source part(HeldOut.Part which) {
        if (holdOut > 0) {
            return new HeldOut.Config(data, holdOut, which, HELD_OUT);
        }
        return which == HeldOut.Part.TRAIN ? data : validation.orElseThrow();
    }

    private void requireSame(Dataset training, List<String> learned, Dataset held) {
        List<String> names = task.classNames(held);
        if (!names.equals(learned)) {
            throw new InputException(
                    "%s has %d classes (%s), and %s %d (%s); judge on the classes that were learned"
                            .formatted(
                                    held.name(),
                                    names.size(),
                                    some(names),
                                    training.name(),
                                    learned.size(),
                                    some(learned)));
        }
    }

    /// Refuses images that lack what the task needs.
    private void requireEverywhere(Dataset dataset) {
        Field field = task.needs();
        Lacking.of(dataset, field)
                .ifPresent(lack -> {
                    throw lack.refused("task " + task.name(), field.remedyForSome());
                });
    }

    private static String some(List<String> names) {
        int shown = Math.min(3, names.size());
        return String.join(", ", names.subList(0, shown)) + (shown < names.size() ? ", ..." : "");
    }

    /// This recipe with as many classes as its data has, where it does not say how many.
    ///
    /// @throws InputException if it says too few, or the data have but one
    public FineTuneRecipe on(Dataset learned) {
        List<String> names = task.classNames(learned);
        int found = names.size();
        if (found < 2) {
            throw new InputException(
                    "%s has one class, %s, so that there is nothing to tell apart; give data with two or more, or make what has no class one of its own with data.background: class"
                            .formatted(learned.name(), names.getFirst()));
        }
        if (task.classes() > 0 && task.classes() < found) {
            throw new InputException(
                    "task.classes is %,d, but %s has %,d classes; write %d or more, or leave it out"
                            .formatted(task.classes(), data.name(), found, found));
        }
        return withClasses(task.classes() > 0 ? task.classes() : found);
    }

    private FineTuneRecipe withClasses(int classes) {
        return with(task.withClasses(classes), images);
    }

    private FineTuneRecipe withImages(long number) {
        return with(task, number);
    }

    private FineTuneRecipe with(Task.Config known, long number) {
        return new FineTuneRecipe(
                name,
                known,
                origin,
                encoder,
                data,
                number,
                validation,
                holdOut,
                view,
                search,
                baseline,
                settings);
    }

    /// This recipe with as many images to learn from and classes as its data has, where it does not
    /// say how many, which then needs no data.
    public FineTuneRecipe complete() {
        if (images > 0 && task.classes() > 0 && holdOut == 0) {
            return this;
        }
        try (Datasets own = new Datasets()) {
            Dataset training = openTraining(own);
            return on(training).withImages(training.size());
        }
    }

    /// What this recipe buys.
    ///
    /// @param learned images to learn from
    public Plan plan(long learned, int devices) {
        Work price = task.perImage(encoder);
        return settings.checked(name, settings.buys(price, Work.none("again"), learned, devices));
    }
}
