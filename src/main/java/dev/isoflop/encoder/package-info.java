/// Encoders as files: read from other programs' checkpoints and from runs, written in our naming or
/// timm's.
///
/// Read {@link dev.isoflop.encoder.Conversion} first: from a file's tensors to an encoder, every
/// tensor accounted for. {@link dev.isoflop.encoder.EncoderFile} finds an encoder for whoever goes
/// on with it, and {@link dev.isoflop.encoder.Encoders} makes the network: that class alone needs
/// libtorch.
@NullMarked
package dev.isoflop.encoder;

import org.jspecify.annotations.NullMarked;
