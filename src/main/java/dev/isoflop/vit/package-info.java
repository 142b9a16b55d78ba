/// The networks: the vision transformer, its blocks and positions, the decoder of MAE and the text
/// tower of CLIP.
///
/// Read {@link dev.isoflop.vit.VitShape} for sizes and prices (pure), then {@link
/// dev.isoflop.vit.Vit}.
@NullMarked
package dev.isoflop.vit;

import org.jspecify.annotations.NullMarked;
