/// The command line: one verb a file, and the only place that wires the others together.
///
/// Read {@link dev.isoflop.cli.PretrainVerb} first: the whole program in one method.
@NullMarked
package dev.isoflop.cli;

import org.jspecify.annotations.NullMarked;
