package dev.isoflop.method;

import dev.isoflop.budget.Work;
import dev.isoflop.train.Learner;
import dev.isoflop.vit.VitShape;

/// A way to pre-train a vision transformer.
///
/// @param <B> what its batches are made of
public sealed interface Method<B> extends Learner<B> permits Mae {

    /// The settings of a method, which price it without building it.
    sealed interface Config permits Mae.Config {

        /// The name in recipes and on the command line.
        String name();

        /// The price of training on one image: forward and backward, convention `matmul`.
        Work perImage(VitShape encoder);

        /// Parameters of everything that is trained, fixed positions included.
        long parameters(VitShape encoder);
    }
}
