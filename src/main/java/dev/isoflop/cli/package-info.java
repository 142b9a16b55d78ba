/// The command line: one verb a file, which parses, calls a use case and prints what it returns.
///
/// Read {@link dev.isoflop.cli.PretrainVerb} first. {@link dev.isoflop.cli.Console} is where lines,
/// progress and Ctrl-C go; nobody else touches the standard streams.
@NullMarked
package dev.isoflop.cli;

import org.jspecify.annotations.NullMarked;
