/// FLOPs as values: a count that explains itself, a budget to spend, the ledger of what was spent,
/// and the devices that spend it.
///
/// Pure. Read {@link dev.isoflop.budget.Work} first.
@NullMarked
package dev.isoflop.budget;

import org.jspecify.annotations.NullMarked;
