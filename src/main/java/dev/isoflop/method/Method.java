package dev.isoflop.method;

import dev.isoflop.budget.Work;
import dev.isoflop.image.Showing;
import dev.isoflop.train.Learner;
import dev.isoflop.train.Optimisation;
import dev.isoflop.vit.Positions;
import dev.isoflop.vit.Vit;
import dev.isoflop.vit.VitShape;

import java.util.List;

/// A way to pre-train a vision transformer.
///
/// @param <B> what its batches are made of
public sealed interface Method<B> extends Learner<B>
        permits Mae, Dino, SimClr, Byol, Clip, Supervised {

    @Override
    Vit encoder();

    /// The settings of a method, which price it without building it.
    sealed interface Config
            permits Mae.Config,
                    Dino.Config,
                    SimClr.Config,
                    Byol.Config,
                    Clip.Config,
                    Supervised.Config {

        /// The name in recipes and on the command line.
        String name();

        /// The kind of encoder that it trains.
        default Positions positions() {
            return Positions.SINE_COSINE;
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
        default Work again(VitShape encoder) {
            return Work.none("again");
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
