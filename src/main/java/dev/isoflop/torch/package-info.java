/// libtorch: loaded once, and its clumsy signatures behind short names.
@NullMarked
package dev.isoflop.torch;

import org.jspecify.annotations.NullMarked;
