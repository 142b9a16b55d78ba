/// What is asked of encoders as files, and the files that ask it.
@NullMarked
package dev.isoflop.encoder;

import org.jspecify.annotations.NullMarked;
