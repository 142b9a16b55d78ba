/// The networks: the vision transformer, its blocks and positions, the decoder of MAE, the text
/// tower of CLIP, the heads of DINO, SimCLR and BYOL.
///
/// Read {@link dev.isoflop.vit.VitShape} for sizes and prices (pure), then {@link
/// dev.isoflop.vit.Vit}.
@NullMarked
package dev.isoflop.vit;

import org.jspecify.annotations.NullMarked;
