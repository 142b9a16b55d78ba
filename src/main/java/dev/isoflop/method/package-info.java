/// Ways to pre-train, one file a paper.
///
/// Read {@link dev.isoflop.method.Mae} first; {@link dev.isoflop.method.Method} closes the set.
@NullMarked
package dev.isoflop.method;

import org.jspecify.annotations.NullMarked;
