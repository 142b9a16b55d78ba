@NullMarked
package dev.isoflop.torch;

import org.jspecify.annotations.NullMarked;
