/// Inputs broken by chance: whatever a file holds, its reader reads it or refuses it in the user's
/// words.
///
/// Read {@link dev.isoflop.fuzz.FuzzTest} first: what is demanded; then {@link
/// dev.isoflop.fuzz.Inputs}, the list of readers with a valid input each, and {@link
/// dev.isoflop.fuzz.Mutation}, how it is broken.
@NullMarked
package dev.isoflop.fuzz;

import org.jspecify.annotations.NullMarked;
