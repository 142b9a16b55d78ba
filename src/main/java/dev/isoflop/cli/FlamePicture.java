package dev.isoflop.cli;

import dev.isoflop.budget.Work;
import dev.isoflop.torch.Bill;
import dev.isoflop.torch.Part;
import dev.isoflop.torch.Usage;

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
/// figures. One SVG file that needs nothing else.
///
/// Width is FLOPs of matrix products and of elements, a transcendental function being one: a sum
/// for the eye alone, the bill keeps them apart.
final class FlamePicture {

    private static final int WIDTH = 1200;
    private static final int MARGIN = 16;
    private static final int TOP = 72;
    private static final int ROW = 34;
    private static final int ROWS = 4;
    private static final double LETTER = 6.6; // of the text's width in pixels, about
    private static final double LEAST = 0.4; // pixels; what is narrower is not drawn
    private static final Map<Part, String> COLOURS =
            Map.of(
                    Part.ENCODER, "#4e79a7",
                    Part.DECODER, "#f28e2b",
                    Part.TEACHER, "#76b7b2",
                    Part.HEADS, "#b07aa1",
                    Part.TEXT_TOWER, "#59a14f",
                    Part.LOSS, "#e15759",
                    Part.CLIPPING, "#9c755f",
                    Part.OPTIMISER, "#edc948",
                    Part.EMA, "#ff9da7",
                    Part.OTHER, "#bab0ac");

    private final Bill bill;
    private final double all;
    private final StringBuilder svg = new StringBuilder();

    private FlamePicture(Bill bill) {
        this.bill = bill;
        all = Math.max(1, flops(bill.total()));
    }

    /// The picture of a bill.
    ///
    /// @param title what step it is
    static String of(Bill bill, String title) {
        FlamePicture picture = new FlamePicture(bill);
        picture.draw(title);
        return picture.svg.toString();
    }

    private void draw(String title) {
        int height = TOP + ROWS * ROW + 40;
        svg.append(
                """
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="system-ui, sans-serif">
                <style>
                  rect { stroke: #fff; stroke-width: 1; }
                  g.piece:hover rect { stroke: #000; stroke-width: 2; }
                  text { fill: #1a1a1a; font-size: 12px; pointer-events: none; }
                  text.title { font-size: 18px; font-weight: 600; }
                  text.note { font-size: 12px; fill: #555; }
                </style>
                <rect width="%d" height="%d" fill="#fff"/>
                <text class="title" x="%d" y="30">%s</text>
                <text class="note" x="%d" y="52">Width: FLOP of matrix products, element-wise and transcendental work. Rows: step, part, direction, operator. Rest the mouse on a piece.</text>
                """
                        .formatted(WIDTH, height, WIDTH, height, MARGIN, escaped(title), MARGIN));
        piece(0, 0, all, "#d9dde3", "one step", "one step", bill.total());
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
        svg.append(
                "<text class=\"note\" x=\"%d\" y=\"%d\">Convention executed, total over the step. What is free, such as a view, has no width.</text>%n</svg>%n"
                        .formatted(MARGIN, TOP + ROWS * ROW + 24));
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
        if (letters >= Math.min(3, label.length())) {
            String text = label.length() <= letters ? label : label.substring(0, letters - 1) + "…";
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
                Work.readable(BigInteger.valueOf(usage.cost().matmul())),
                Work.readable(BigInteger.valueOf(usage.cost().elementwise())),
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
