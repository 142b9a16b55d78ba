/// What holds for the project as a whole: which package may know which, how sources are laid out,
/// and that the documentation speaks of things that exist.
@NullMarked
package dev.isoflop.architecture;

import org.jspecify.annotations.NullMarked;
