package dev.isoflop.profile;

import dev.isoflop.budget.Work;
import dev.isoflop.torch.Part;
import dev.isoflop.trace.Bill;
import dev.isoflop.trace.Cost;
import dev.isoflop.trace.Usage;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// Where a step's operations go, as one picture: an icicle of the step, its parts, their two
/// directions, and the operators of each. As wide as it is costly; a mouse that rests shows the
/// figures, and below stands the share of every part, also of those too narrow to see. One SVG file
/// that needs nothing else.
///
/// Width is FLOPs of matrix products and of elements, a transcendental function being one: a sum
/// for the eye alone, the bill keeps them apart.
final class FlameGraph {

    private static final int WIDTH = 1200;
    private static final int MARGIN = 16;
    private static final int TOP = 72;
    private static final int ROW = 34;
    private static final int ROWS = 4;
    private static final int KEYS = TOP + ROWS * ROW + 12; // where the list of parts begins
    private static final int KEY = 190; // wide
    private static final int KEYS_A_LINE = (WIDTH - 2 * MARGIN) / KEY;
    private static final int LINE = 22;
    private static final double LETTER = 6.6; // of the text's width in pixels, about
    private static final double LEAST = 0.4; // pixels; what is narrower is not drawn
    private static final Map<Part, String> COLOURS =
            Map.of(
                    Part.ENCODER, "#7ba6d6",
                    Part.DECODER, "#f28e2b",
                    Part.TEACHER, "#76b7b2",
                    Part.HEADS, "#c493b6",
                    Part.TEXT_TOWER, "#7cbd73",
                    Part.LOSS, "#ee7b7c",
                    Part.CLIPPING, "#b8937e",
                    Part.OPTIMISER, "#edc948",
                    Part.EMA, "#ff9da7",
                    Part.OTHER, "#bab0ac");

    private final Bill bill;
    private final double all;
    private final StringBuilder svg = new StringBuilder();

    private FlameGraph(Bill bill) {
        this.bill = bill;
        all = Math.max(1, flops(bill.total()));
    }

    /// The picture of a bill.
    ///
    /// @param title what step it is
    public static String of(Bill bill, String title) {
        FlameGraph picture = new FlameGraph(bill);
        picture.draw(title);
        return picture.svg.toString();
    }

    private void draw(String title) {
        int lines = Math.ceilDiv(bill.byPart().size(), KEYS_A_LINE);
        int bottom = KEYS + lines * LINE;
        int height = bottom + 48;
        svg.append(
                """
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" preserveAspectRatio="xMidYMin" font-family="system-ui, sans-serif">
                <style>
                  rect { stroke: #fff; stroke-width: 1; }
                  g.piece:hover rect { stroke: #000; stroke-width: 2; }
                  text { fill: #1a1a1a; font-size: 12px; pointer-events: none; }
                  text.title { font-size: 18px; font-weight: 600; }
                  text.note { font-size: 12px; fill: #555; }
                </style>
                <rect width="%d" height="%d" fill="#fff"/>
                <text class="title" x="%d" y="30">%s</text>
                <text class="note" x="%d" y="52">Width: FLOP of matrix products, element-wise and transcendental work. Rows: step, part, direction, operator. Rest the mouse on a piece for its figures.</text>
                """
                        .formatted(WIDTH, height, WIDTH, height, MARGIN, escaped(title), MARGIN));
        piece(0, 0, all, "#d9dde3", step(), "one step", bill.total());
        double x = 0;
        for (Map.Entry<Part, Usage> part : bill.byPart().entrySet()) {
            String colour = COLOURS.getOrDefault(part.getKey(), "#bab0ac");
            String name = part.getKey().title();
            piece(1, x, flops(part.getValue()), colour, name, name, part.getValue());
            double inside = x;
            for (Bill.Pass pass : Bill.Pass.values()) {
                inside = pass(part.getKey(), pass, inside, colour);
            }
            x += flops(part.getValue());
        }
        keys();
        note(
                bottom + 16,
                "Convention executed, scope total: one step on all devices. A multiply-add of a"
                    + " matrix product is two FLOP; element-wise and transcendental work, one for"
                    + " each element and operation.");
        note(bottom + 34, "What only moves or views data has no width; it stands in the bill.");
        svg.append("</svg>\n");
    }

    private String step() {
        Cost cost = bill.total().cost();
        return "one step: %s of matrix products, %s element-wise, %s transcendental"
                .formatted(
                        readable(cost.matmul()),
                        readable(cost.elementwise()),
                        readable(cost.transcendental()));
    }

    private static String readable(long flops) {
        return Work.readable(BigInteger.valueOf(flops));
    }

    private void note(int y, String text) {
        svg.append("<text class=\"note\" x=\"%d\" y=\"%d\">%s</text>\n".formatted(MARGIN, y, text));
    }

    /// The colour and the share of each part.
    private void keys() {
        int i = 0;
        for (Map.Entry<Part, Usage> part : bill.byPart().entrySet()) {
            int x = MARGIN + i % KEYS_A_LINE * KEY;
            int y = KEYS + i / KEYS_A_LINE * LINE;
            String colour = COLOURS.getOrDefault(part.getKey(), "#bab0ac");
            svg.append(
                    "<rect x=\"%d\" y=\"%d\" width=\"12\" height=\"12\" fill=\"%s\"/>"
                            .formatted(x, y, colour));
            svg.append(
                    "<text x=\"%d\" y=\"%d\">%s %s</text>\n"
                            .formatted(
                                    x + 18,
                                    y + 11,
                                    escaped(part.getKey().title()),
                                    share(flops(part.getValue()))));
            i++;
        }
    }

    private String share(double flops) {
        double percent = 100 * flops / all;
        if (percent > 0 && percent < 0.001) {
            return "below 0.001%";
        }
        String format = percent >= 10 ? "%.1f%%" : percent >= 0.1 ? "%.2f%%" : "%.3f%%";
        return String.format(Locale.ROOT, format, percent);
    }

    /// One direction of a part with its operators, the costly ones first.
    ///
    /// @return where the next begins
    private double pass(Part part, Bill.Pass pass, double x, String colour) {
        Usage usage = bill.of(part, pass);
        String path = part.title() + ", " + pass.title();
        piece(2, x, flops(usage), colour, pass.title(), path, usage);
        SortedMap<String, Usage> operators = new TreeMap<>();
        bill.entries()
                .forEach((entry, of) -> {
                    if (entry.part() == part && entry.pass() == pass) {
                        operators.put(entry.operator(), of);
                    }
                });
        List<Map.Entry<String, Usage>> costlyFirst = new ArrayList<>(operators.entrySet());
        costlyFirst.sort(Comparator.comparingDouble(it -> -flops(it.getValue())));
        double inside = x;
        for (Map.Entry<String, Usage> operator : costlyFirst) {
            String name = operator.getKey().replaceFirst("^aten::", "");
            piece(
                    3,
                    inside,
                    flops(operator.getValue()),
                    colour,
                    name,
                    path + ", " + name,
                    operator.getValue());
            inside += flops(operator.getValue());
        }
        return x + flops(usage);
    }

    private void piece(
            int row,
            double from,
            double flops,
            String colour,
            String label,
            String path,
            Usage usage) {
        double scale = (WIDTH - 2.0 * MARGIN) / all;
        double width = flops * scale;
        if (width < LEAST) {
            return;
        }
        double x = MARGIN + from * scale;
        int y = TOP + row * ROW;
        double faint = row == 0 ? 1 : 1 - 0.2 * (row - 1);
        svg.append(
                String.format(
                        Locale.ROOT,
                        "<g class=\"piece\"><title>%s</title><rect x=\"%.2f\" y=\"%d\""
                                + " width=\"%.2f\" height=\"%d\" rx=\"2\" fill=\"%s\""
                                + " fill-opacity=\"%.2f\"/>",
                        escaped(path + "\n" + figures(usage)),
                        x,
                        y,
                        width,
                        ROW - 2,
                        colour,
                        faint));
        int letters = (int) ((width - 10) / LETTER);
        String whole = row == 0 ? label : label + " " + share(flops);
        if (letters >= Math.min(3, label.length())) {
            String cut = label.length() <= letters ? label : label.substring(0, letters - 1) + "…";
            String text = whole.length() <= letters ? whole : cut;
            svg.append(
                    String.format(
                            Locale.ROOT,
                            "<text x=\"%.2f\" y=\"%d\">%s</text>",
                            x + 5,
                            y + 21,
                            escaped(text)));
        }
        svg.append("</g>\n");
    }

    private String figures(Usage usage) {
        return String.format(
                Locale.ROOT,
                """
                %.2f%% of the step, %,d calls
                matrix products  %s
                element-wise  %s
                transcendental  %,d
                moved  %,d elements
                read and written  %,d bytes, %.2f FLOP/byte\
                """,
                100 * flops(usage) / all,
                usage.calls(),
                readable(usage.cost().matmul()),
                readable(usage.cost().elementwise()),
                usage.cost().transcendental(),
                usage.cost().moved(),
                usage.bytes(),
                usage.intensity());
    }

    private static double flops(Usage usage) {
        return (double) usage.cost().matmul()
                + usage.cost().elementwise()
                + usage.cost().transcendental();
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
