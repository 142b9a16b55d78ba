package dev.isoflop.task;

import dev.isoflop.recipe.Table;
import dev.isoflop.torch.AdamW;
import dev.isoflop.vit.Positions;
import dev.isoflop.vit.Resizing;
import dev.isoflop.vit.Vit;

import java.util.Locale;
import java.util.Optional;

/// What becomes of a pre-trained encoder in a task, whatever the task.
///
/// Koppula et al. 2022 say nothing of it but that they follow mmsegmentation's recipe for ViT-B/16
/// on ADE20K (A.4, their reference 25), so what that recipe and the fine-tuning code of MAE's
/// authors have in common is the default: positions are interpolated bicubically to the new size,
/// and neither they nor the class token are decayed. In one thing it is not: both codes train the
/// table that was fixed in pre-training, too. Here it stays as it is, and `train-positions` trains
/// it.
///
/// Pure.
///
/// @param positions how the encoder's are resized
/// @param trainPositions whether fixed positions are trained from here on; learned ones are
/// @param decayTokens whether weight decay applies to the class token and to positions
public record Transfer(Rule positions, boolean trainPositions, boolean decayTokens) {

    /// What holds unless a recipe says otherwise.
    public static final Transfer DEFAULT = new Transfer(Rule.AUTHORS, false, false);

    private static final String POSITIONS = "positions";
    private static final String TRAIN_POSITIONS = "train-positions";
    private static final String DECAY_TOKENS = "decay-tokens";
    private static final String TASK = "task."; // where a recipe has them

    /// By which rule positions are resized, as a recipe says it.
    public enum Rule {
        /// That of whoever's method pre-trained the encoder: `dino-scale` for DINO, `by-size` for
        /// all others, files and encoders that were never trained.
        AUTHORS,
        /// {@link Resizing#BY_SIZE}, whoever's they are.
        BY_SIZE,
        /// {@link Resizing#DINO_SCALE}, whoever's they are.
        DINO_SCALE,
        /// Fixed ones are computed anew for the new grid; learned ones follow `authors`.
        COMPUTED,
        /// What was the default before there was `authors`: fixed ones are computed anew, learned
        /// ones resized at DINO's scale.
        OWN,
        /// A word of that time, too: the same as `dino-scale`.
        INTERPOLATED;

        /// What it comes to for an encoder.
        ///
        /// @param kind of its positions
        /// @param method that pre-trained it, or none
        public Resizing of(Positions kind, Optional<String> method) {
            boolean fixed = kind == Positions.SINE_COSINE;
            return switch (this) {
                case AUTHORS -> authors(method);
                case BY_SIZE -> Resizing.BY_SIZE;
                case DINO_SCALE, INTERPOLATED -> Resizing.DINO_SCALE;
                case COMPUTED -> fixed ? Resizing.COMPUTED : authors(method);
                case OWN -> fixed ? Resizing.COMPUTED : Resizing.DINO_SCALE;
            };
        }

        private static Resizing authors(Optional<String> method) {
            return method.filter("dino"::equals).isPresent()
                    ? Resizing.DINO_SCALE
                    : Resizing.BY_SIZE;
        }
    }

    /// Reads the `task` of a recipe.
    static Transfer from(Table task) {
        return new Transfer(
                task.choice(POSITIONS, DEFAULT.positions),
                task.flag(TRAIN_POSITIONS, DEFAULT.trainPositions),
                task.flag(DECAY_TOKENS, DEFAULT.decayTokens));
    }

    /// The recipe with this said in full, as the folder of a run keeps it: what holds where a
    /// recipe is silent may change, a run that was begun may not.
    public Table kept(Table recipe) {
        String rule = positions.name().toLowerCase(Locale.ROOT).replace('_', '-');
        return recipe.with(TASK + POSITIONS, rule)
                .with(TASK + TRAIN_POSITIONS, Boolean.toString(trainPositions))
                .with(TASK + DECAY_TOKENS, Boolean.toString(decayTokens));
    }

    /// The recipe in the folder of a run that goes on. One that is silent is older than {@link
    /// #kept}, and goes on by what held then.
    public static Table resumed(Table recipe) {
        Table task = recipe.table("task");
        Table rule = task.has(POSITIONS) ? recipe : recipe.with(TASK + POSITIONS, "own");
        return task.has(DECAY_TOKENS) ? rule : rule.with(TASK + DECAY_TOKENS, "true");
    }

    /// The kind of an encoder's positions in the task.
    ///
    /// @param before in pre-training
    public Positions kind(Positions before) {
        return trainPositions ? Positions.LEARNED : before;
    }

    /// Whether weight decay applies to a parameter: never to biases and norms, as in MAE's code,
    /// where mmsegmentation decays biases.
    boolean decays(String parameter, long dimensions) {
        String last = parameter.substring(parameter.lastIndexOf('.') + 1);
        return AdamW.decays(parameter, dimensions) && (decayTokens || !Vit.TOKENS.contains(last));
    }
}
