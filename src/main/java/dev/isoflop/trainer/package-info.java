/// What surrounds the loop, whatever it trains.
///
/// Read {@link dev.isoflop.trainer.Training} first: a run from its first step or its last
/// checkpoint. Its steps are written down by {@link dev.isoflop.trainer.StepRecorder}, its encoder
/// probed now and then by {@link dev.isoflop.trainer.RunProbes}, its end, whichever it is, by
/// {@link dev.isoflop.trainer.RunEnd}. {@link dev.isoflop.trainer.RunSettings} is what recipes of
/// all kinds have in common.
@NullMarked
package dev.isoflop.trainer;

import org.jspecify.annotations.NullMarked;
