/// Run folders and plans in; bills, pages and figures out.
///
/// Start with [RunBill][dev.isoflop.report.RunBill], what a run cost in lines of text, then
/// [RunPage][dev.isoflop.report.RunPage], the same and its curves as one HTML file that needs no
/// network. [PricedStudy][dev.isoflop.report.PricedStudy] is many plans and their sums,
/// [StudyPage][dev.isoflop.report.StudyPage] their page. Pure: loads nothing native.
@NullMarked
package dev.isoflop.report;

import org.jspecify.annotations.NullMarked;
