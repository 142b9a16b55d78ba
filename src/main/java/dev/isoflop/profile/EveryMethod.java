package dev.isoflop.profile;

import dev.isoflop.budget.Work;
import dev.isoflop.method.Method;
import dev.isoflop.recipe.Table;
import dev.isoflop.report.Bars;
import dev.isoflop.vit.VitShape;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// `isoflop profile --all`: a step of every method as the study ran it, which is its Figure 3.
///
/// @param rows each method, or variant of one, with each encoder
record EveryMethod(List<Row> rows) implements Profile {

    private static final int IMAGE = 224;
    private static final int BATCH = 4096; // section 2.1
    private static final int BATCH_OF_DINO = 1024; // section 2.1
    private static final int CLASSES = 1000; // of ImageNet
    private static final int DEVICES = 32; // section 2.3
    private static final double PETA = 1e15;
    private static final List<String> ENCODERS = List.of("B/16", "L/16");

    /// A step of one method.
    ///
    /// @param variant what people call it
    /// @param config its settings
    /// @param encoder what it trains
    /// @param batch images a step
    /// @param perImage the price of one
    record Row(String variant, Method.Config config, VitShape encoder, int batch, Work perImage) {

        public BigInteger perStep() {
            return perImage.flops().multiply(BigInteger.valueOf(batch));
        }

        /// Of one device of so many, rounded up.
        public BigInteger perDevice() {
            BigInteger n = BigInteger.valueOf(DEVICES);
            return perStep().add(n).subtract(BigInteger.ONE).divide(n);
        }
    }

    /// A method's settings in the study, as a recipe would write them.
    private record Variant(String name, String settings, int batch) {}

    private static List<Variant> variants() {
        List<Variant> variants = new ArrayList<>();
        for (int depth : List.of(8, 1)) {
            for (int percent : List.of(55, 65, 75, 85)) {
                variants.add(
                        new Variant(
                                "MAE %d%%%s".formatted(percent, depth == 1 ? ", tiny" : ""),
                                "{name: mae, mask-ratio: 0.%d, decoder-depth: %d}"
                                        .formatted(percent, depth),
                                BATCH));
            }
        }
        variants.add(new Variant("supervised", "{name: supervised}", BATCH));
        variants.add(new Variant("CLIP, mini", "{name: clip, text-tower: mini}", BATCH));
        variants.add(new Variant("CLIP, medium", "{name: clip, text-tower: medium}", BATCH));
        variants.add(new Variant("SimCLR", "{name: simclr}", BATCH));
        variants.add(new Variant("BYOL", "{name: byol}", BATCH));
        variants.add(new Variant("DINO", "{name: dino, local-views: 10}", BATCH_OF_DINO));
        return variants;
    }

    /// All of them, priced by formula.
    public static EveryMethod priced() {
        List<Row> rows = new ArrayList<>();
        for (Variant variant : variants()) {
            Table table = Table.parse(variant.name, "method: " + variant.settings).table("method");
            Method.Config config = Method.Config.from(table).withClasses(CLASSES);
            for (String encoder : ENCODERS) {
                VitShape shape = VitShape.of(encoder, IMAGE);
                Work price = config.perImage(shape, variant.batch);
                rows.add(new Row(variant.name, config, shape, variant.batch, price));
            }
        }
        return new EveryMethod(rows);
    }

    @Override
    public String text() {
        List<String> lines = new ArrayList<>();
        lines.add(
                "%-16s %-9s %6s %18s %12s %12s"
                        .formatted(
                                "method",
                                "encoder",
                                "batch",
                                "GFLOP an image",
                                "a step",
                                "a device"));
        for (Row row : rows) {
            lines.add(
                    String.format(
                            Locale.ROOT,
                            "%-16s %-9s %,6d %18.3f %12.3e %12.3e",
                            row.variant,
                            row.encoder.name(),
                            row.batch,
                            row.perImage.flops().doubleValue() / 1e9,
                            row.perStep().doubleValue(),
                            row.perDevice().doubleValue()));
        }
        lines.add(
                "FLOP by formula, convention matmul (forward and backward, multiply-add = 2); a"
                        + " step is total over all devices, a device is one of "
                        + DEVICES
                        + ".");
        lines.add(
                "Settings are the study's; DINO's authors have no ViT-L. One row with its"
                        + " derivation: isoflop profile --method dino --encoder L/16 --batch 1024");
        return String.join("\n", lines);
    }

    @Override
    public Map<String, Object> json() {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("convention", "matmul");
        root.put("unit", "FLOP");
        root.put("scope", "perStep is total over all devices; perDevice is one of " + DEVICES);
        root.put("steps", rows.stream().map(EveryMethod::json).toList());
        return root;
    }

    private static Map<String, Object> json(Row row) {
        Map<String, Object> flops = new LinkedHashMap<>();
        flops.put("perImage", row.perImage.flops());
        flops.put("perStep", row.perStep());
        flops.put("perDevice", row.perDevice());
        flops.put("devices", DEVICES);
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", row.variant);
        json.put("method", row.config.name());
        json.put("encoder", row.encoder.name());
        json.put("image", row.encoder.image());
        json.put("batch", row.batch);
        json.put("parameters", row.config.parameters(row.encoder));
        json.put("flops", flops);
        return json;
    }

    /// Bars: the paper's Figure 3.
    @Override
    public Optional<String> picture() {
        List<String> names = rows.stream().map(Row::variant).distinct().toList();
        List<Bars.Group> groups = new ArrayList<>();
        for (String encoder : ENCODERS) {
            VitShape shape = VitShape.of(encoder, IMAGE);
            groups.add(
                    new Bars.Group(
                            shape.name(),
                            rows.stream()
                                    .filter(row -> row.encoder.equals(shape))
                                    .map(row -> row.perStep().doubleValue() / PETA)
                                    .toList()));
        }
        Bars bars =
                new Bars(
                        "FLOPs of one pre-training step",
                        "Convention matmul, forward and backward, multiply-add = 2; total over all"
                                + " devices. Batch 4,096, DINO 1,024; images of 224.",
                        "PFLOP a step",
                        names,
                        groups);
        return Optional.of(bars.svg());
    }
}
