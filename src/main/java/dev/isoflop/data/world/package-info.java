/// Pictures drawn by the project itself: things of many shapes, textures and colours on varied
/// ground, lit from one side.
///
/// Read {@link dev.isoflop.data.world.Scene} first: what is in a picture, without resolution;
/// {@link dev.isoflop.data.world.Painter} draws it. Pure Java, arithmetic only, so that every
/// machine draws the same pixels.
@NullMarked
package dev.isoflop.data.world;

import org.jspecify.annotations.NullMarked;
