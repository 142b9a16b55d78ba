/// Files that outlive a crash, their checksums, and JSON as all of isoflop writes it.
///
/// Read {@link dev.isoflop.files.DurableFiles} first: a file is there as a whole, or not at all.
@NullMarked
package dev.isoflop.files;

import org.jspecify.annotations.NullMarked;
