/// FLOPs as values: a count that explains itself, a budget to spend, the ledger of what was spent,
/// and the devices that spend it.
///
/// Read [Work][dev.isoflop.budget.Work] first, a count and where it comes from, then
/// [Budget][dev.isoflop.budget.Budget] and the [Plan][dev.isoflop.budget.Plan] that it buys.
/// [Estimate][dev.isoflop.budget.Estimate] is what `Work` is, for numbers that were not counted but
/// reckoned: hours, energy, money. Which devices there are and how fast they go begins with
/// [Devices][dev.isoflop.budget.Devices]. Pure: loads nothing native.
@NullMarked
package dev.isoflop.budget;

import org.jspecify.annotations.NullMarked;
