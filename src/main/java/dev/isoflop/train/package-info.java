/// Training: checkpoints that survive a crash at any moment.
///
/// Start with {@link dev.isoflop.train.Checkpoints}.
@NullMarked
package dev.isoflop.train;

import org.jspecify.annotations.NullMarked;
