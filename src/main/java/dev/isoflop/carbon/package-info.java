/// From hours on a device to energy, and from energy to carbon, each figure with its derivation.
///
/// Pure. Read {@link dev.isoflop.carbon.Footprint} first.
@NullMarked
package dev.isoflop.carbon;

import org.jspecify.annotations.NullMarked;
