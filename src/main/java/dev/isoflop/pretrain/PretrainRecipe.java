package dev.isoflop.pretrain;

import dev.isoflop.budget.Budget;
import dev.isoflop.budget.Plan;
import dev.isoflop.budget.Precision;
import dev.isoflop.budget.Work;
import dev.isoflop.carbon.Conditions;
import dev.isoflop.carbon.Footprint;
import dev.isoflop.data.Dataset;
import dev.isoflop.data.Datasets;
import dev.isoflop.data.Field;
import dev.isoflop.data.Lacking;
import dev.isoflop.data.Source;
import dev.isoflop.fault.Check;
import dev.isoflop.fault.InputException;
import dev.isoflop.image.Showing;
import dev.isoflop.image.View;
import dev.isoflop.image.ViewSettings;
import dev.isoflop.method.Method;
import dev.isoflop.probe.OnlineProbing;
import dev.isoflop.recipe.FolderName;
import dev.isoflop.recipe.Table;
import dev.isoflop.trainer.RunSettings;
import dev.isoflop.vit.VitShape;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
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
/// @param figures of a study that show it
/// @param probe of the encoder while it is trained, if any
/// @param settings how the run goes: budget, batch, precision, optimiser, seed, device
public record PretrainRecipe(
        String name,
        Method.Config method,
        VitShape encoder,
        Source data,
        long images,
        List<Showing> views,
        Optional<Path> tokenizer,
        List<String> figures,
        Optional<OnlineProbing.Config> probe,
        RunSettings settings) {

    /// Reads a recipe; every key that is not known is an error.
    public static PretrainRecipe from(Table t) {
        int image = t.count("image", 224);
        VitShape encoder = VitShape.from(t, image);
        Method.Config method = Method.Config.from(t.table("method"));
        Source data = Source.from(t.table("data"), image);
        RunSettings settings =
                RunSettings.from(
                        t,
                        new RunSettings.Usual(
                                Optional.empty(), Optional.empty(), method.optimisation()));
        PretrainRecipe recipe =
                t.build(() ->
                        new PretrainRecipe(
                                t.name("name"),
                                method,
                                encoder,
                                data,
                                Source.stated(t.table("data"), data),
                                views(t, method.views(image)),
                                tokenizer(t, method),
                                t.texts("figures", List.of()),
                                probe(t, image),
                                settings));
        t.done();
        return recipe;
    }

    public PretrainRecipe {
        views = List.copyOf(views);
        figures = List.copyOf(figures);
        Objects.requireNonNull(
                method.withClasses(1)
                        .perImage(
                                encoder,
                                settings.batch())); // a method that this encoder cannot have
        Check.that(FolderName.isOne(name), "name is \"%s\"; %s", name, FolderName.REMEDY);
    }

    public Budget budget() {
        return settings.budget();
    }

    /// What was to be spent, before a run turned it into steps.
    public Optional<Budget> budgetAsked() {
        return settings.budgetAsked();
    }

    /// On what, where and for how much the run is reckoned; none: in FLOPs alone.
    public Optional<Conditions> cost() {
        return settings.cost();
    }

    public int batch() {
        return settings.batch();
    }

    public int microBatch() {
        return settings.microBatch();
    }

    public Precision precision() {
        return settings.precision();
    }

    public long seed() {
        return settings.seed();
    }

    /// A table, or `none`, which takes back that of a shipped recipe.
    private static Optional<OnlineProbing.Config> probe(Table t, int image) {
        if (t.has("probe") && !t.isTable("probe")) {
            String _ = t.choice("probe", List.of("none"));
            return Optional.empty();
        }
        return t.optionalTable("probe").map(p -> OnlineProbing.Config.from(p, image));
    }

    private static Optional<Path> tokenizer(Table t, Method.Config method) {
        if (!t.has("tokenizer")) {
            return Optional.empty();
        }
        if (method.textTower().isEmpty()) {
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

    /// Every view of an image, in the order of the method's.
    public List<View> everyView() {
        return views.stream()
                .flatMap(showing -> Stream.generate(showing::view).limit(showing.times()))
                .toList();
    }

    /// How many images there are: as stated, or counted.
    ///
    /// @throws InputException if the data will not do, as far as it is at hand
    public long datasetSize() {
        if (images > 0) {
            data.glance();
            return images;
        }
        try (Dataset dataset = data.open()) {
            return dataset.size();
        }
    }

    /// Opens the data.
    ///
    /// @throws InputException if there are not as many images as the recipe says
    public Dataset open() {
        return counted(data.open());
    }

    /// The same among data that may be open already; they stay open.
    public Dataset open(Datasets shared) {
        return counted(shared.open(data));
    }

    private Dataset counted(Dataset dataset) {
        if (images > 0 && images != dataset.size()) {
            int found = dataset.size();
            dataset.close();
            throw new InputException(
                    "data.images is %,d, but there are %,d in %s; correct it, or leave it out"
                            .formatted(images, found, data.name()));
        }
        return dataset;
    }

    /// This recipe with as many classes as its data has, where the method learns classes and the
    /// recipe does not say how many.
    public PretrainRecipe complete() {
        if (method.withClasses(1).equals(method)) {
            return this;
        }
        try (Dataset dataset = open()) {
            return on(dataset);
        }
    }

    /// The same for data that is open.
    ///
    /// @throws InputException if the method cannot learn from such data
    public PretrainRecipe on(Dataset dataset) {
        requireField(dataset);
        requireEverywhere(dataset);
        int found = dataset.classNames().size();
        Method.Config complete = method.withClasses(found);
        if (complete.classes() > 0 && complete.classes() < found) {
            throw new InputException(
                    "method.classes is %,d, but %s has %,d classes; write %d or more, or leave it out"
                            .formatted(complete.classes(), dataset.name(), found, found));
        }
        return new PretrainRecipe(
                name, complete, encoder, data, images, views, tokenizer, figures, probe, settings);
    }

    /// Refuses data that the method cannot learn from.
    private void requireField(Dataset dataset) {
        Optional<Field> lacking = method.needs().filter(field -> !dataset.fields().contains(field));
        if (lacking.isPresent()) {
            Field field = lacking.get();
            throw new InputException(
                    "%s has no %s, which method %s learns from; %s. Methods that can use it: %s"
                            .formatted(
                                    dataset.name(),
                                    field.name().toLowerCase(Locale.ROOT),
                                    method.name(),
                                    field.remedy(dataset.fields()),
                                    String.join(", ", methodsFor(dataset))));
        }
    }

    /// Refuses images that the method cannot learn from, unless it skips them.
    private void requireEverywhere(Dataset dataset) {
        lacking(dataset)
                .filter(lack -> !method.unfit().skipped() || lack.count() == lack.of())
                .ifPresent(lack -> {
                    String remedy = lack.field().remedyForSome();
                    throw lack.refused(
                            "method " + method.name(),
                            method.unfit()
                                    .setting()
                                    .filter(_ -> lack.count() < lack.of())
                                    .map(setting -> remedy + ", or " + setting)
                                    .orElse(remedy));
                });
    }

    private Optional<Lacking> lacking(Dataset dataset) {
        return method.needs().flatMap(field -> Lacking.of(dataset, field));
    }

    /// What a run should say of its data before it begins: what is left out, and which images the
    /// method skips.
    List<String> notes(Dataset dataset) {
        List<String> notes = new ArrayList<>();
        dataset.leftOut().forEach(left -> notes.add(left.textOf(dataset.name())));
        lacking(dataset).ifPresent(lack -> notes.add(lack.text() + "; they count for nothing"));
        return notes;
    }

    private static List<String> methodsFor(Dataset dataset) {
        return Method.Config.NAMES.stream()
                .filter(name ->
                        Method.Config.from(Table.parse(name, "name: " + name))
                                .needs()
                                .map(dataset.fields()::contains)
                                .orElse(true))
                .toList();
    }

    /// What this recipe buys on so many devices.
    ///
    /// @param images in the dataset
    public Plan plan(long images, int devices) {
        return settings.checked(name, plan(method, images, devices));
    }

    /// What this recipe's budget buys a method, which may be another than its own.
    ///
    /// @param images in the dataset
    /// @throws IllegalArgumentException if the method cannot have this encoder
    public Plan plan(Method.Config method, long images, int devices) {
        int batch = settings.batch();
        Work again =
                settings.microBatch() < batch ? method.recomputed(encoder) : Work.none("again");
        return settings.buys(method.perImage(encoder, batch), again, images, devices);
    }

    /// The table this recipe was read from, with the steps that it buys in the place of a budget in
    /// hours, energy, carbon or money: what a device is reckoned at may change, a run that was
    /// begun may not.
    public Table settled(Table table, Plan plan) {
        return settings.settled(table, plan);
    }

    /// Hours, energy, carbon and money of a plan, where the recipe says on what it is reckoned.
    public Optional<Footprint> footprint(Plan plan) {
        return cost().map(on -> Footprint.of(on, precision(), plan.flopsPerStep(), plan.steps()));
    }
}
