/// libtorch as isoflop uses it: loading, tracing what ran, counting it, and tensors in files.
///
/// Start with {@link dev.isoflop.torch.Trace}, then {@link dev.isoflop.torch.OperatorRules}.
@NullMarked
package dev.isoflop.torch;

import org.jspecify.annotations.NullMarked;
