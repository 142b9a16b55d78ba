/// Run folders and plans in; bills, pages and figures out.
///
/// Start with [RunBill][dev.isoflop.report.RunBill], what a run cost in lines of text, then
/// [RunPage][dev.isoflop.report.RunPage], the same and its curves as one HTML file that needs no
/// network. [ProbeSection][dev.isoflop.report.ProbeSection] is what probes say, as lines and as a
/// part of that page; [ProbeCurve][dev.isoflop.report.ProbeCurve] is what the encoder was worth
/// along the budget; [PricedStudy][dev.isoflop.report.PricedStudy] is many plans and their sums,
/// [StudyPage][dev.isoflop.report.StudyPage] and [StudyCsv][dev.isoflop.report.StudyCsv] their page
/// and their table. What both pages have around them is `PageShell`, what they are made of `Html`.
/// [Bars][dev.isoflop.report.Bars] and [Scatter][dev.isoflop.report.Scatter] draw pictures,
/// [TextTable][dev.isoflop.report.TextTable] sets lines in columns. Pure: loads nothing native.
@NullMarked
package dev.isoflop.report;

import org.jspecify.annotations.NullMarked;
