package dev.isoflop.data;

import dev.isoflop.image.Box;

/// Where one thing is, in pixels of its picture.
///
/// @param label its class
public record LabelledBox(Box box, int label) {}
