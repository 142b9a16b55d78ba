@NullMarked
package dev.isoflop.train;

import org.jspecify.annotations.NullMarked;
