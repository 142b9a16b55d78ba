package dev.isoflop.method;

import dev.isoflop.fault.Check;
import dev.isoflop.vit.TextShape;

/// The space where images and texts meet, of a method that has one: what zero-shot classification
/// must know to read the text tower and both projections out of a checkpoint.
///
/// Pure: says where tensors are, and reads none.
///
/// @param text the size of the tower that reads texts
/// @param width of the space, J
/// @param textTower what the names of the text tower's tensors begin with in a checkpoint
/// @param imageProjection name of the tensor `[D, J]` that takes features of images there
/// @param textProjection name of the tensor `[W, J]` that takes texts there
public record JointEmbedding(
        TextShape text,
        int width,
        String textTower,
        String imageProjection,
        String textProjection) {

    public JointEmbedding {
        Check.that(width >= 1, "width is %s; it must be at least 1", width);
    }
}
