package dev.isoflop.profile;

import dev.isoflop.budget.Precision;
import dev.isoflop.budget.Work;
import dev.isoflop.method.Mae;
import dev.isoflop.vit.DecoderShape;
import dev.isoflop.vit.VitShape;

import org.hipparchus.stat.descriptive.rank.Median;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/// Which share of a masked autoencoder's cost its decoder is, by FLOPs and by time, beside what
/// Koppula et al. 2022 say in section A.5.
///
/// @param conditions where and when
/// @param shape of the encoder
/// @param batch images
/// @param precision of matrix products
/// @param rows by mask ratio
record DecoderShares(
        TimingConditions conditions, VitShape shape, int batch, Precision precision, List<Row> rows)
        implements Profile {

    /// Mask ratios of the study.
    public static final List<Integer> PERCENT = List.of(55, 65, 75, 85);

    /// Blocks of the authors' decoder.
    public static final int DEEP = 8;

    /// Blocks of the study's small decoder.
    public static final int TINY = 1;

    /// What the paper says of the share of time, of eight blocks.
    private static final Map<Integer, String> PAPER = Map.of(55, "about 45%", 75, "about 65%");

    /// Three things that were timed in turn, forward and backward of each.
    ///
    /// @param deep with eight blocks in the decoder
    /// @param encoder alone
    /// @param tiny with one block in the decoder
    record Round(Pass deep, Pass encoder, Pass tiny) {}

    /// Forward and backward, once.
    ///
    /// @param seconds by the clock
    /// @param processor seconds of all threads that ran; on a machine that others use too, the
    ///   steadier of the two
    record Pass(double seconds, double processor) {}

    /// A mask ratio.
    record Row(int percent, List<Round> rounds) {

        public Row {
            rounds = List.copyOf(rounds);
        }

        /// The decoder's share; a median of each round's.
        ///
        /// @param of which time
        public double share(int depth, ToDoubleFunction<Pass> of) {
            return median(round ->
                    1
                            - of.applyAsDouble(round.encoder)
                                    / of.applyAsDouble(depth == DEEP ? round.deep : round.tiny));
        }

        /// How much faster the small decoder makes it, over 1; a median of each round's.
        public double faster(ToDoubleFunction<Pass> of) {
            return median(round -> of.applyAsDouble(round.deep) / of.applyAsDouble(round.tiny) - 1);
        }

        private double median(ToDoubleFunction<Round> of) {
            return new Median().evaluate(rounds.stream().mapToDouble(of).toArray());
        }
    }

    public DecoderShares {
        rows = List.copyOf(rows);
    }

    /// The authors' settings but for these.
    public static Mae.Config config(int percent, int depth) {
        DecoderShape usual = Mae.Config.DEFAULT.decoder();
        return new Mae.Config(
                percent / 100.0,
                new DecoderShape(usual.width(), depth, usual.heads()),
                Mae.Config.DEFAULT.normalisePixels());
    }

    private double flops(int percent, int depth, String part) {
        return config(percent, depth).perImage(shape, batch).of(part).doubleValue();
    }

    /// Of FLOPs, forward and backward.
    private double formula(int percent, int depth) {
        return flops(percent, depth, "decoder") / flops(percent, depth, "mae");
    }

    /// Of FLOPs, forward only.
    private double forward(int percent, int depth) {
        Work forward =
                config(percent, depth).perImage(shape, batch).parts().stream()
                        .filter(part -> part.name().equals("forward"))
                        .findFirst()
                        .orElseThrow();
        return forward.of("decoder").doubleValue() / forward.flops().doubleValue();
    }

    private double fasterByFormula(int percent) {
        return flops(percent, DEEP, "mae") / flops(percent, TINY, "mae") - 1;
    }

    @Override
    public String text() {
        List<String> lines = new ArrayList<>();
        lines.add(
                "share of the decoder, of forward and backward: %s, %d images, %s"
                        .formatted(shape.name(), batch, precision.key()));
        lines.add(
                "%-6s %6s %14s %10s %10s %15s %12s"
                        .formatted(
                                "mask",
                                "blocks",
                                "FLOPs, forward",
                                "FLOPs",
                                "time here",
                                "processor time",
                                "paper"));
        for (int depth : List.of(DEEP, TINY)) {
            for (Row row : rows) {
                lines.add(
                        String.format(
                                Locale.ROOT,
                                "0.%d   %6d %13.1f%% %9.1f%% %9.1f%% %14.1f%% %12s",
                                row.percent,
                                depth,
                                100 * forward(row.percent, depth),
                                100 * formula(row.percent, depth),
                                100 * row.share(depth, Pass::seconds),
                                100 * row.share(depth, Pass::processor),
                                depth == DEEP ? PAPER.getOrDefault(row.percent, "") : ""));
            }
        }
        lines.add("");
        lines.add("one block in place of eight is faster by");
        lines.add(
                "%-6s %32s %10s %15s %12s"
                        .formatted("mask", "FLOPs", "time here", "processor time", "paper"));
        for (Row row : rows) {
            lines.add(
                    String.format(
                            Locale.ROOT,
                            "0.%d   %31.1f%% %9.1f%% %14.1f%% %12s",
                            row.percent,
                            100 * fasterByFormula(row.percent),
                            100 * row.faster(Pass::seconds),
                            100 * row.faster(Pass::processor),
                            row.percent == 75 ? "72% or 95%" : ""));
        }
        lines.add("");
        lines.add("measured    " + how());
        lines.add("paper       Koppula et al. 2022, A.5 (45, 65, 95%) and 2.1 (72%)");
        return String.join("\n", lines);
    }

    private String how() {
        int least = rows.stream().mapToInt(row -> row.rounds.size()).min().orElse(0);
        return "medians of the ratios of at least %d rounds, each with all three in turn; the decoder is the whole less the encoder alone, so masking and loss are its own; no optimiser; %s"
                .formatted(least, conditions.words());
    }

    @Override
    public Map<String, Object> json() {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("encoder", shape.name());
        root.put("image", shape.image());
        root.put("batch", batch);
        root.put("precision", precision.key());
        root.put("shares", rows.stream().map(this::json).toList());
        root.put("how", how());
        root.put("here", conditions.json());
        return root;
    }

    private Map<String, Object> json(Row row) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("maskRatio", row.percent / 100.0);
        json.put("blocks8", shares(row, DEEP));
        json.put("blocks1", shares(row, TINY));
        json.put("fasterByFlops", fasterByFormula(row.percent));
        json.put("fasterByTime", row.faster(Pass::seconds));
        json.put("fasterByProcessorTime", row.faster(Pass::processor));
        json.put("rounds", row.rounds);
        return json;
    }

    private Map<String, Object> shares(Row row, int depth) {
        Map<String, Object> shares = new LinkedHashMap<>();
        shares.put("ofForwardFlops", forward(row.percent, depth));
        shares.put("ofFlops", formula(row.percent, depth));
        shares.put("ofTime", row.share(depth, Pass::seconds));
        shares.put("ofProcessorTime", row.share(depth, Pass::processor));
        return shares;
    }
}
