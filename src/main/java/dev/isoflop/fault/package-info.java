/// The two ways to fail that a user should read without a stack trace, and the nearest known name.
///
/// Pure, and below every other package.
@NullMarked
package dev.isoflop.fault;

import org.jspecify.annotations.NullMarked;
