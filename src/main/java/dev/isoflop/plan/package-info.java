/// What recipes buy and cost, before anything is spent.
///
/// Start with [Planning][dev.isoflop.plan.Planning]: recipes in; a text, an object, a table or a
/// page out, also with other [CostAssumptions][dev.isoflop.plan.CostAssumptions] than the recipes'
/// own. [Comparison][dev.isoflop.plan.Comparison] is what one budget buys each method. Loads
/// nothing native.
@NullMarked
package dev.isoflop.plan;

import org.jspecify.annotations.NullMarked;
