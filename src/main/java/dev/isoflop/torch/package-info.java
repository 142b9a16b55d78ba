/// libtorch: loading it, its clumsy signatures, flat parameters, the optimisers, execution traces
/// and safetensors.
///
/// Read {@link dev.isoflop.torch.LibTorch}, then {@link dev.isoflop.torch.Ops}.
@NullMarked
package dev.isoflop.torch;

import org.jspecify.annotations.NullMarked;
