/// The networks: the vision transformer, its blocks, positions and the decoder of MAE.
///
/// Read {@link dev.isoflop.vit.VitShape} for sizes and prices (pure), then {@link
/// dev.isoflop.vit.Vit}.
@NullMarked
package dev.isoflop.vit;

import org.jspecify.annotations.NullMarked;
