/// A run's folder: what was asked, what happened step by step, and what came of it.
///
/// ```
/// runs/NAME/recipe.yaml provenance.json measurements.jsonl result.json checkpoints/ tokenizer.json
/// ```
///
/// Start with [RunFolder][dev.isoflop.run.RunFolder]. [Provenance][dev.isoflop.run.Provenance] is
/// written when the run begins, a [Measurement][dev.isoflop.run.Measurement] a step, the
/// [Result][dev.isoflop.run.Result] at the end; [DurableFiles][dev.isoflop.files.DurableFiles]
/// writes files so that a killed process leaves the old one or the new one, never half of one.
///
/// Records with many figures are made of groups, such as
/// [Measurement.Pace][dev.isoflop.run.Measurement.Pace]; in the files the groups' fields stand side
/// by side, so that a group can be drawn without that a file changes.
///
/// Every file is JSON or YAML that other programs can read. A number that is not finite is written
/// as `null`, and `nonFinite` beside it says which word it was. Pure: loads nothing native.
@NullMarked
package dev.isoflop.run;

import org.jspecify.annotations.NullMarked;
