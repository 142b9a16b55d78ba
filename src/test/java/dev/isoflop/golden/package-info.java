/// Reference numbers computed with the authors' own code, and how their inputs are filled.
@NullMarked
package dev.isoflop.golden;

import org.jspecify.annotations.NullMarked;
