/// Ways to pre-train, one file a paper.
///
/// Read {@link dev.isoflop.method.Mae} first; {@link dev.isoflop.method.Method} closes the set.
/// Then {@link dev.isoflop.method.SimClr} for a loss over a whole batch, {@link
/// dev.isoflop.method.Dino} for a teacher. Batches are records of {@link dev.isoflop.train},
/// networks classes of {@link dev.isoflop.vit}.
@NullMarked
package dev.isoflop.method;

import org.jspecify.annotations.NullMarked;
