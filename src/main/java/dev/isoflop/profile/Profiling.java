package dev.isoflop.profile;

import dev.isoflop.budget.Precision;
import dev.isoflop.budget.Work;
import dev.isoflop.fault.InputException;
import dev.isoflop.fault.RunException;
import dev.isoflop.method.Method;
import dev.isoflop.pretrain.PretrainRecipe;
import dev.isoflop.recipe.Table;
import dev.isoflop.run.RunListener;
import dev.isoflop.run.Stop;
import dev.isoflop.train.Optimisation;
import dev.isoflop.vit.VitShape;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// What a step of a method costs: by formula, as one real step executed it, or as a step of any
/// size would.
///
/// ```java
/// Profiling step = Profiling.of("dino", List.of("local-views=10"), "B/16", 224, 1024);
/// System.out.println(step.byFormula().text());
/// System.out.println(step.scaled().text());
/// ```
///
/// {@link #byFormula} and {@link #everyMethod} load no native library.
public final class Profiling {

    private static final int MICRO_BATCH = 8; // where a real step of these options runs
    private static final int CLASSES = 1000; // of ImageNet, where none are given

    private final Method.Config config;
    private final VitShape encoder;
    private final int batch;
    private final OptionalInt microBatch;
    private final Precision precision;
    private final Optimisation optimisation;
    private final Work perImage;

    private Profiling(
            Method.Config config,
            VitShape encoder,
            int batch,
            OptionalInt microBatch,
            Precision precision,
            Optimisation optimisation) {
        this.config = config;
        this.encoder = encoder;
        this.batch = batch;
        this.microBatch = microBatch;
        this.precision = precision;
        this.optimisation = optimisation;
        perImage = priced(config, encoder, batch);
    }

    /// A step of a method as its authors have it, in f32; a classifier learns a thousand classes.
    ///
    /// @param method such as `mae`
    /// @param changes of its settings, each `key=value` as in a recipe, such as `decoder-depth=1`
    /// @param encoder such as `B/16`
    /// @param image side in pixels
    /// @param batch images of the step
    /// @throws InputException if one of these is not known, or they do not go together
    public static Profiling of(
            String method, List<String> changes, String encoder, int image, int batch) {
        if (batch < 1) {
            throw new InputException("batch is " + batch + "; it must be at least 1");
        }
        Method.Config config = config(method, changes);
        return new Profiling(
                config,
                shape(encoder, image),
                batch,
                OptionalInt.empty(),
                Precision.F32,
                config.optimisation());
    }

    /// The step of a recipe; opens its data if the method learns as many classes as these have.
    public static Profiling of(PretrainRecipe recipe) {
        PretrainRecipe complete = recipe.complete();
        return new Profiling(
                complete.method(),
                complete.encoder(),
                complete.batch(),
                OptionalInt.of(complete.microBatch()),
                complete.precision(),
                complete.settings().optimisation());
    }

    /// A method of so many classes as ImageNet has, where it learns those of the data.
    ///
    /// @param changes of its settings, each `key=value`
    static Method.Config config(String name, List<String> changes) {
        Table table = Table.parse("method", "name: " + name + "\n");
        for (String change : changes) {
            int equals = change.indexOf('=');
            if (equals < 1) {
                throw new InputException(
                        "\"%s\" changes no setting; write key=value, such as mask-ratio=0.5"
                                .formatted(change));
            }
            String key = change.substring(0, equals).replaceFirst("^method\\.", "");
            table = table.with(key, change.substring(equals + 1));
        }
        Method.Config config = Method.Config.from(table).withClasses(CLASSES);
        table.done();
        return config;
    }

    /// An encoder by its name.
    static VitShape shape(String encoder, int image) {
        try {
            return VitShape.of(encoder, image);
        } catch (IllegalArgumentException e) {
            throw new InputException("encoder " + encoder + ": " + e.getMessage(), e);
        }
    }

    /// The price of an image, which also says whether method, encoder and batch go together.
    static Work priced(Method.Config config, VitShape encoder, int batch) {
        try {
            return config.perImage(encoder, batch);
        } catch (IllegalArgumentException e) {
            throw new InputException("method " + config.name() + ": " + e.getMessage(), e);
        }
    }

    /// The same in another precision.
    public Profiling withPrecision(Precision of) {
        return new Profiling(config, encoder, batch, microBatch, of, optimisation);
    }

    /// The same with so many images at once; else what the recipe says, or up to 8 of them where a
    /// real step runs.
    ///
    /// @throws InputException if there are more than images in the batch, or none
    public Profiling withMicroBatch(int images) {
        if (images < 1 || images > batch) {
            throw new InputException(
                    "micro-batch is %d; it must lie between 1 and the batch, %d"
                            .formatted(images, batch));
        }
        OptionalInt these = OptionalInt.of(images);
        return new Profiling(config, encoder, batch, these, precision, optimisation);
    }

    /// FLOPs of one image with their derivation; convention `matmul`.
    public Work perImage() {
        return perImage;
    }

    /// Parameters and FLOPs by formula.
    public Profile byFormula() {
        return new StepProfile(step(batch), perImage, Optional.empty());
    }

    /// What one real step executed, on random images on the processor. Its matrix products must be
    /// those of the formula; if they are not, the text says so.
    ///
    /// @param chakra where libtorch's trace of it is kept, if it is
    public Profile traced(Optional<Path> chakra) {
        TracedStep step = step(Math.min(batch, MICRO_BATCH));
        return executed(step, step.executed(chakra), "traced");
    }

    /// What a step of this size executes, without its memory or its time: tiny real steps are
    /// scaled.
    ///
    /// @throws RunException if they do not scale as they should: no figure is given then
    public Profile scaled() {
        TracedStep step = step(batch);
        return executed(step, ScaledStep.of(step), "scaled from tiny real steps");
    }

    private Profile executed(TracedStep step, Executed executed, String how) {
        return new StepProfile(step, perImage, Optional.of(new ExecutedTable(executed, step, how)));
    }

    private TracedStep step(int usualMicroBatch) {
        int atOnce = microBatch.orElse(usualMicroBatch);
        return new TracedStep(config, encoder, batch, atOnce, precision, optimisation);
    }

    /// A step of every method as Koppula et al. 2022 ran it, by formula: their Figure 3.
    public static Profile everyMethod() {
        return EveryMethod.priced();
    }

    /// Times real steps on this machine's processor.
    ///
    /// @param steps which
    /// @param file that states this machine as a device: written, or extended if it is there, when
    ///   enough steps of different size were timed
    /// @param to who is told of each step, with the time left
    /// @param stop asked after each step; what was timed by then is the result
    /// @throws InputException if the file is of another machine, before anything is timed
    public static Profile timed(Timing steps, Optional<Path> file, RunListener to, Stop stop) {
        Optional<MeasuredDevice> device = file.map(MeasuredDevice::in);
        TimedSteps timed = steps.measured(to, stop);
        device.ifPresent(it -> it.add(timed, to));
        return timed;
    }

    /// Times which share of a masked autoencoder's step its decoder has, on this machine's
    /// processor.
    ///
    /// @param stop asked after each pass; what was timed by then is the result
    public static Profile decoderShare(DecoderTiming of, RunListener to, Stop stop) {
        return of.measured(to, stop);
    }
}
