/// What a frozen encoder is worth on labelled images, after a run and beside it.
///
/// Start with [Probing][dev.isoflop.probe.Probing], the use case: an encoder
/// ([FrozenEncoder][dev.isoflop.probe.FrozenEncoder]: a run's or a file's) and images
/// ([ProbeData][dev.isoflop.probe.ProbeData]) become features
/// ([Features][dev.isoflop.probe.Features]), and features become figures, one a protocol
/// ([Probes][dev.isoflop.probe.Probes]), held against those of encoders that nobody trained
/// ([UntrainedScores][dev.isoflop.probe.UntrainedScores]): weighted k-NN
/// ([Neighbours][dev.isoflop.probe.Neighbours], [Votes][dev.isoflop.probe.Votes]), a linear
/// classifier ([LinearProbe][dev.isoflop.probe.LinearProbe]) and zero-shot
/// ([ZeroShot][dev.isoflop.probe.ZeroShot]), each evaluated by
/// [ClassificationMetrics][dev.isoflop.probe.ClassificationMetrics].
/// [OnlineProbing][dev.isoflop.probe.OnlineProbing] is the same beside a run that goes on, and
/// [Chance][dev.isoflop.probe.Chance] what no probe should be below.
///
/// Knows nothing of how a run is made: it reads a run's folder, and stands below what trains.
@NullMarked
package dev.isoflop.probe;

import org.jspecify.annotations.NullMarked;
