/// What a step costs: by formula, as it was executed, as a larger one would be, and in seconds of
/// this machine.
///
/// Read {@link dev.isoflop.profile.Profiling} first, which is all that others call. Then {@link
/// dev.isoflop.profile.TracedStep}, a real step under libtorch's observer, and {@link
/// dev.isoflop.profile.ScaledStep}, which knows a large step from small ones. The study is Koppula
/// et al. 2022, *Where Should I Spend My FLOPS?*.
@NullMarked
package dev.isoflop.profile;

import org.jspecify.annotations.NullMarked;
