/// Fine-tuning: a recipe and an encoder become a run, and a score.
///
/// Begin with {@link dev.isoflop.finetune.FineTuning}, the whole program; {@link
/// dev.isoflop.finetune.FineTuneRecipe} is a run as a file, {@link dev.isoflop.finetune.Search}
/// many runs at several rates, weight decays and seeds. What is learned, and how it is evaluated,
/// is a {@link dev.isoflop.task.Task}.
@NullMarked
package dev.isoflop.finetune;

import org.jspecify.annotations.NullMarked;
