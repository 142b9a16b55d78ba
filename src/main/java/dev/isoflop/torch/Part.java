package dev.isoflop.torch;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/// What a piece of a training step is for: the parts that a bill of executed work names.
///
/// Networks, losses, the loop and the moving averages say it of what they run; an execution trace
/// keeps it ({@link Mark}). The innermost part counts, but whatever runs for a teacher is the
/// teacher's. Backward, an operator belongs to the part that ran forward.
public enum Part {
    /// The encoder that is trained, with its choice of patches.
    ENCODER,
    /// What paints hidden patches.
    DECODER,
    /// A network that only follows, with its head.
    TEACHER,
    /// Projectors, predictors, prototypes, classifiers.
    HEADS,
    /// The encoder of captions.
    TEXT_TOWER,
    /// Targets, the loss, what is watched of it, and gathering the embeddings that a batch in
    /// micro-batches is compared by.
    LOSS,
    /// The gradients' norm, which every step measures, and their clipping.
    CLIPPING,
    /// The update of parameters.
    OPTIMISER,
    /// Moving averages: a teacher, a center.
    EMA,
    /// All else: a bound on a parameter after its update, for one.
    OTHER;

    /// Does work of this part, and hands on its result.
    public <T> T of(Supplier<T> work) {
        return Mark.around(mark(), work);
    }

    /// Does work of this part.
    public void run(Runnable work) {
        Mark.around(mark(), work);
    }

    /// The name in tables.
    public String title() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private String mark() {
        return "part: " + title();
    }

    /// The part whose mark has this name.
    public static Optional<Part> marked(String name) {
        return Arrays.stream(values()).filter(part -> part.mark().equals(name)).findFirst();
    }
}
