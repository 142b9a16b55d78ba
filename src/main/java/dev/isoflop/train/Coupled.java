package dev.isoflop.train;

import org.bytedeco.pytorch.Tensor;

import java.util.List;

/// A learner whose loss compares the images of a whole batch with one another, or normalises them
/// together.
///
/// Its loss is that of the whole batch whatever the micro-batch. When it does not fit at once, the
/// loop embeds all micro-batches without gradients, takes the loss of all embeddings and its
/// gradient with respect to them, and recomputes the embeddings of each to carry that gradient into
/// the parameters: Luyu Gao et al., *Scaling Deep Contrastive Learning Batch Size under Memory
/// Limited Setup*, RepL4NLP 2021, [arXiv:2101.06983](https://arxiv.org/abs/2101.06983). The price
/// is one more forward pass; batch statistics behind the embeddings are those of the whole batch,
/// and are taken once a step.
///
/// @param <B> what a batch is made of
public interface Coupled<B> extends Learner<B> {

    /// What the loss is made from, through everything that is costly. Called twice with the same
    /// arguments when a batch does not fit at once: it must change nothing that lasts, and draw
    /// random numbers from `at` alone.
    ///
    /// @return tensors of one row an image each
    List<Tensor> embed(B batch, Progress at);

    /// What the embeddings are compared with, without gradients: a target network's embeddings.
    ///
    /// @return tensors of one row an image each
    default List<Tensor> targets(B batch, Progress at) {
        return List.of();
    }

    /// The mean loss of a whole batch.
    ///
    /// @param embeddings of {@link #embed}, the rows of all micro-batches one after the other
    /// @param targets of {@link #targets}, likewise
    Loss loss(List<Tensor> embeddings, List<Tensor> targets, Progress at);

    @Override
    default Loss loss(B batch, Progress at) {
        return loss(embed(batch, at), targets(batch, at), at);
    }
}
