package dev.isoflop.method;

import dev.isoflop.budget.Work;
import dev.isoflop.data.Field;
import dev.isoflop.image.Showing;
import dev.isoflop.recipe.Table;
import dev.isoflop.train.Learner;
import dev.isoflop.train.Optimisation;
import dev.isoflop.vit.Positions;
import dev.isoflop.vit.TextShape;
import dev.isoflop.vit.Vit;
import dev.isoflop.vit.VitShape;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// A way to pre-train a vision transformer.
///
/// @param <B> what its batches are made of
public sealed interface Method<B> extends Learner<B>
        permits Mae, Dino, SimClr, Byol, Clip, Supervised {

    /// The settings of a method, which price it without building it.
    ///
    /// A new method is named here: in `permits`, twice, in {@link #NAMES} and in {@link #from}.
    sealed interface Config
            permits Mae.Config,
                    Dino.Config,
                    SimClr.Config,
                    Byol.Config,
                    Clip.Config,
                    Supervised.Config {

        /// The names of the methods, in the order in which they are listed.
        List<String> NAMES = List.of("mae", "dino", "simclr", "byol", "clip", "supervised");

        /// Reads the `method` of a recipe.
        static Config from(Table t) {
            return switch (t.choice("name", NAMES).toLowerCase(Locale.ROOT)) {
                case "mae" -> Mae.Config.from(t);
                case "dino" -> Dino.Config.from(t);
                case "simclr" -> SimClr.Config.from(t);
                case "byol" -> Byol.Config.from(t);
                case "clip" -> Clip.Config.from(t);
                case "supervised" -> Supervised.Config.from(t);
                default -> throw t.fault("name", "has no settings");
            };
        }

        /// The method with these settings, its weights at their beginning.
        ///
        /// @param encoder the size of what it trains
        Method<?> build(VitShape encoder);

        /// The name in recipes and on the command line.
        String name();

        /// The kind of encoder that it trains.
        default Positions positions() {
            return Positions.SINE_COSINE;
        }

        /// Which token of its encoder is the feature of an image.
        default Vit.Pool feature() {
            return Vit.Pool.CLASS_TOKEN;
        }

        /// Which tokens a probe reads, unless it is asked for others.
        default Vit.Pool probed() {
            return feature();
        }

        /// What it learns from beside pixels, if anything.
        default Optional<Field> needs() {
            return Optional.empty();
        }

        /// What becomes of images that lack what it {@link #needs}: they end a run before it
        /// begins, unless a setting says that they count for nothing.
        default Unfit unfit() {
            return Unfit.REFUSED;
        }

        /// What becomes of images that a method cannot learn from.
        ///
        /// @param skipped whether they count for nothing; else they are refused
        /// @param setting that has them count for nothing, if there is one
        record Unfit(boolean skipped, Optional<String> setting) {

            /// They are refused whatever the settings.
            public static final Unfit REFUSED = new Unfit(false, Optional.empty());
        }

        /// The size of the tower that reads captions, if it reads any.
        default Optional<TextShape> textTower() {
            return jointEmbedding().map(JointEmbedding::text);
        }

        /// Where images and texts meet, if they do: such an encoder classifies zero-shot.
        default Optional<JointEmbedding> jointEmbedding() {
            return Optional.empty();
        }

        /// Classes that it learns; 0 where it learns none, or those of the dataset.
        default int classes() {
            return 0;
        }

        /// The same with so many classes, where it learns those of the dataset.
        ///
        /// @param k classes of the dataset
        default Config withClasses(int k) {
            return this;
        }

        /// The price of training on one image: convention `matmul`.
        ///
        /// A sum of `forward` and `backward`, whose own summands are the parts that reports name
        /// (encoder, decoder, teacher, local views, heads, text tower, loss).
        ///
        /// @param batch images a step: contrastive losses compare each with all
        Work perImage(VitShape encoder, int batch);

        /// What runs once more for each image when a batch does not fit at once: nothing, unless
        /// the loss couples the images of a batch. Executed, but no part of the price.
        default Work recomputed(VitShape encoder) {
            return Work.none("again");
        }

        /// What it has beside the encoder, if that could be of other sizes.
        default Optional<ScalablePart> scalable() {
            return Optional.empty();
        }

        /// Parameters of everything that is trained, fixed positions included.
        long parameters(VitShape encoder);

        /// How its authors train it, unless a recipe says otherwise.
        Optimisation optimisation();

        /// What its authors show of each image, unless a recipe says otherwise.
        ///
        /// @param image side in pixels
        List<Showing> views(int image);
    }
}
