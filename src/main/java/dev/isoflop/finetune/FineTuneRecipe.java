package dev.isoflop.finetune;

import dev.isoflop.budget.Budget;
import dev.isoflop.budget.Plan;
import dev.isoflop.budget.Work;
import dev.isoflop.data.Dataset;
import dev.isoflop.data.Datasets;
import dev.isoflop.data.HeldOut;
import dev.isoflop.data.MaskLabels;
import dev.isoflop.data.Source;
import dev.isoflop.fault.Check;
import dev.isoflop.fault.InputException;
import dev.isoflop.image.View;
import dev.isoflop.image.ViewSettings;
import dev.isoflop.recipe.Table;
import dev.isoflop.run.Origin;
import dev.isoflop.task.Protocol;
import dev.isoflop.task.Segmentation;
import dev.isoflop.task.Tuning;
import dev.isoflop.trainer.RunSettings;
import dev.isoflop.vit.VitShape;

import java.util.List;
import java.util.Optional;

/// One fine-tuning run as a file, read: everything that decides its numbers.
///
/// Pure: reading and planning loads no native library.
///
/// @param name of the run, and of its folder
/// @param task what is learned, with its settings
/// @param origin where the encoder comes from
/// @param encoder what is trained, for images of the run's size
/// @param data where images and masks come from
/// @param images how many there are, where the recipe says so; else 0
/// @param validation what is judged on, unless a part of the data is held out for it
/// @param holdOut share of the data that is kept back and judged on; 0 for none
/// @param view how an image is shown
/// @param protocol how the result is judged
/// @param search what a search tries
/// @param conduct how the run goes
public record FineTuneRecipe(
        String name,
        Segmentation.Config task,
        Origin origin,
        VitShape encoder,
        Source data,
        long images,
        Optional<Source> validation,
        double holdOut,
        View view,
        Protocol protocol,
        Search.Settings search,
        RunSettings conduct) {

    private static final int IMAGE = 512; // Koppula et al. 2022, A.4, as the next two
    private static final int BATCH = 32;
    private static final String BUDGET = "80 epochs";
    private static final long HELD_OUT = 0x5EED; // which images, the same in every run

    /// The tasks there are.
    public static final List<String> TASKS = List.of("segmentation");

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
        if (isOne(recipe)) {
            throw new InputException(
                    "%s fine-tunes (it has a task), and %s is for pre-training; take %s"
                            .formatted(from, asked, instead));
        }
    }

    /// Reads a recipe, and finds the encoder that it names.
    public static FineTuneRecipe from(Table t) {
        int image = t.count("image", IMAGE);
        Optional<VitShape> encoder =
                t.has("encoder") ? Optional.of(VitShape.from(t, image)) : Optional.empty();
        return from(t, Origins.of(t, encoder, image));
    }

    /// Reads a recipe whose encoder is known; every key that is not known is an error.
    public static FineTuneRecipe from(Table t, Origin origin) {
        int image = t.count("image", IMAGE);
        String _ = t.text("from", Origin.SCRATCH);
        if (t.has("encoder")) {
            VitShape _ = VitShape.from(t, image);
        }
        Table task = t.table("task");
        String _ = task.choice("name", TASKS);
        Segmentation.Config config = Segmentation.Config.from(task);
        Source data = Source.from(t.table("data"), image);
        boolean scratch = origin.from().equals(Origin.SCRATCH);
        String method = origin.method() == null ? "unknown" : origin.method();
        RunSettings conduct =
                RunSettings.from(
                        t,
                        new RunSettings.Usual(
                                Optional.of(Budget.parse(BUDGET)),
                                Optional.of(BATCH),
                                Tuning.of(scratch ? Optional.empty() : Optional.of(method))));
        View usual = View.segmentation(image);
        FineTuneRecipe recipe =
                t.build(() ->
                        new FineTuneRecipe(
                                t.text("name"),
                                config,
                                origin,
                                Origins.shape(origin).at(image),
                                data,
                                Source.stated(t.table("data"), data),
                                t.optionalTable("validation").map(v -> Source.from(v, image)),
                                t.real("hold-out", 0),
                                t.optionalTable("view")
                                        .map(v -> ViewSettings.from(v, usual))
                                        .orElse(usual),
                                t.optionalTable("evaluation")
                                        .map(e -> Protocol.from(e, image))
                                        .orElse(new Protocol.Centre(image, image)),
                                t.optionalTable("search")
                                        .map(Search.Settings::from)
                                        .orElse(Search.Settings.PAPER),
                                conduct));
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
        int side =
                switch (protocol) {
                    case Protocol.Centre centre -> centre.side();
                    case Protocol.Sliding sliding -> sliding.side();
                    case Protocol.Whole _ -> encoder.image();
                };
        if (side < 1 || side % encoder.patch() != 0) {
            throw new InputException(
                    "evaluation.crop is %d; it must be a multiple of the patch, %d"
                            .formatted(side, encoder.patch()));
        }
        return this;
    }

    /// What a run learns from, and what it is judged on.
    ///
    /// @param training the data, or what is not held out of it
    /// @param judged the validation data, or what is held out
    /// @param labels of both
    /// @param own datasets that are closed with this
    public record Splits(Dataset training, Dataset judged, MaskLabels labels, Datasets own)
            implements AutoCloseable {

        @Override
        public void close() {
            own.close();
        }
    }

    /// Opens the data, of which both parts are one opening where one is held out of the other.
    ///
    /// @throws InputException if it has no masks, is not as the recipe says, or what is judged on
    ///   has other classes
    public Splits open() {
        Datasets own = new Datasets();
        try {
            return open(own, own);
        } catch (InputException e) {
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
        MaskLabels labels = MaskLabels.of(training);
        Dataset judged = from.open(part(HeldOut.Part.HELD_OUT));
        requireSame(training, labels, judged);
        return new Splits(training, judged, labels, own);
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

    /// What is learned from, or judged on. Held-out images are the same whatever the run's seed, so
    /// that runs can be compared on them.
    private Source part(HeldOut.Part which) {
        if (holdOut > 0) {
            return new HeldOut.Config(data, holdOut, which, HELD_OUT);
        }
        return which == HeldOut.Part.TRAIN ? data : validation.orElseThrow();
    }

    private static void requireSame(Dataset training, MaskLabels labels, Dataset judged) {
        List<String> names = MaskLabels.of(judged).names();
        if (!names.equals(labels.names())) {
            throw new InputException(
                    "%s has %d classes of pixels (%s), and %s %d (%s); judge on the classes that were learned"
                            .formatted(
                                    judged.name(),
                                    names.size(),
                                    some(names),
                                    training.name(),
                                    labels.names().size(),
                                    some(labels.names())));
        }
    }

    private static String some(List<String> names) {
        int shown = Math.min(3, names.size());
        return String.join(", ", names.subList(0, shown)) + (shown < names.size() ? ", ..." : "");
    }

    /// This recipe with as many classes as its data has, where it does not say how many.
    ///
    /// @throws InputException if it says too few
    public FineTuneRecipe on(MaskLabels labels) {
        int found = labels.names().size();
        if (task.classes() > 0 && task.classes() < found) {
            throw new InputException(
                    "task.classes is %,d, but %s has %,d classes of pixels; write %d or more, or leave it out"
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

    private FineTuneRecipe with(Segmentation.Config known, long number) {
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
                protocol,
                search,
                conduct);
    }

    /// This recipe with as many images to learn from and classes as its data has, where it does not
    /// say how many, which then needs no data.
    public FineTuneRecipe complete() {
        if (images > 0 && task.classes() > 0 && holdOut == 0) {
            return this;
        }
        try (Datasets own = new Datasets()) {
            Dataset training = openTraining(own);
            return on(MaskLabels.of(training)).withImages(training.size());
        }
    }

    /// What this recipe buys.
    ///
    /// @param learned images to learn from
    public Plan plan(long learned, int devices) {
        Work price = task.perImage(encoder);
        return conduct.checked(name, conduct.buys(price, Work.none("again"), learned, devices));
    }
}
