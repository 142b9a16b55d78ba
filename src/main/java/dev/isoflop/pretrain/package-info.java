/// Pre-training: a recipe becomes a run.
///
/// Read {@link dev.isoflop.pretrain.Pretraining} first: the whole program, as a library is called.
/// {@link dev.isoflop.pretrain.PretrainRecipe} is all that decides the numbers of a run.
@NullMarked
package dev.isoflop.pretrain;

import org.jspecify.annotations.NullMarked;
