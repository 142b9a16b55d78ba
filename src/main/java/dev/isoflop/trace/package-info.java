/// What a step really ran, operator by operator, as libtorch itself records it.
///
/// Read {@link dev.isoflop.trace.Trace} first; {@link dev.isoflop.trace.OperatorRules} says what
/// each operator costs, and {@link dev.isoflop.trace.Bill} sums it by part of the network, which
/// {@link dev.isoflop.torch.Part} marks.
@NullMarked
package dev.isoflop.trace;

import org.jspecify.annotations.NullMarked;
