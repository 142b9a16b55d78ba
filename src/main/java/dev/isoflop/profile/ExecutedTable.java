package dev.isoflop.profile;

import dev.isoflop.torch.Part;
import dev.isoflop.trace.Bill;
import dev.isoflop.trace.Usage;

import java.math.BigInteger;
import java.util.Formatter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// The executed bill as a table, and as a JSON object.
///
/// @param executed one step
/// @param step which
/// @param how by what the figures were found, for readers
record ExecutedTable(Executed executed, TracedStep step, String how) {

    /// The bill: by operator, by part, in bytes; and whether it agrees with the formula.
    public String text() {
        Bill bill = executed.bill();
        Formatter out = new Formatter(Locale.ROOT);
        out.format(
                """

                executed    one step of %,d images, %,d at once, %s, %s
                convention  executed, total; matrix products: multiply-add = 2; bytes and FLOP/byte: as if no two operators were fused
                """,
                step.batch(),
                step.microBatch(),
                step.precision().name().toLowerCase(Locale.ROOT),
                how);
        header(out, "operator");
        bill.byOperator().forEach((operator, usage) -> row(out, operator, usage));
        header(out, "part");
        for (Map.Entry<Part, Usage> part : bill.byPart().entrySet()) {
            row(out, part.getKey().title(), part.getValue());
            for (Bill.Pass pass : Bill.Pass.values()) {
                Usage usage = bill.of(part.getKey(), pass);
                if (usage.calls() > 0 && !usage.equals(part.getValue())) {
                    row(out, "  " + pass.title(), usage);
                }
            }
        }
        row(out, "total", bill.total());
        putMemory(out);
        putAgreement(out);
        return out.toString().stripTrailing();
    }

    private static void header(Formatter out, String what) {
        out.format(
                "%n%-44s %9s %24s %21s %20s %20s %22s %8s%n",
                what,
                "calls",
                "matmul FLOP",
                "element-wise FLOP",
                "transcendental",
                "elements moved",
                "bytes read + written",
                "FLOP/B");
    }

    private static void row(Formatter out, String name, Usage usage) {
        out.format(
                "%-44s %,9d %,24d %,21d %,20d %,20d %,22d %8.2f%n",
                name,
                usage.calls(),
                usage.cost().matmul(),
                usage.cost().elementwise(),
                usage.cost().transcendental(),
                usage.cost().moved(),
                usage.bytes(),
                usage.intensity());
    }

    private void putMemory(Formatter out) {
        out.format(
                """

                memory      bytes, of this program's tensors on a CPU; alignment, the JVM and libtorch's code come on top
                """);
        memory().forEach((what, bytes) -> out.format("  %-42s %,24d%n", what, bytes));
        executed.bill()
                .activations()
                .kept()
                .forEach((part, bytes) ->
                        out.format(
                                "  %-42s %,24d%n", "of the activations, " + part.title(), bytes));
    }

    private Map<String, Long> memory() {
        Map<String, Long> memory = new LinkedHashMap<>();
        memory.put("parameters", executed.held().parameters());
        memory.put("others", executed.held().others());
        memory.put("gradients", executed.held().gradients());
        memory.put("optimiser", executed.held().optimiser());
        memory.put("images", executed.held().images());
        memory.put("activations", executed.bill().activations().sum());
        memory.put("peak", executed.peak());
        return memory;
    }

    private void putAgreement(Formatter out) {
        BigInteger recomputed = step.recomputed();
        String ran =
                recomputed.signum() == 0
                        ? ""
                        : String.format(
                                Locale.ROOT,
                                " and %,d of forward passes that ran again, the batch being cut",
                                recomputed);
        long matmul = executed.bill().total().cost().matmul();
        out.format(
                "%ntraced      %,d FLOP of matrix products; the formula says %,d%s: %s%n",
                matmul, step.price(), ran, agrees() ? "equal" : "NOT EQUAL, a defect");
    }

    private boolean agrees() {
        BigInteger traced = BigInteger.valueOf(executed.bill().total().cost().matmul());
        return traced.equals(step.price().add(step.recomputed()));
    }

    /// The bill for machines.
    public Map<String, Object> json() {
        Bill bill = executed.bill();
        Map<String, Object> json = new LinkedHashMap<>(columns(bill.total()));
        json.put("how", how);
        json.put("batch", step.batch());
        json.put("atOnce", step.microBatch());
        json.put("precision", step.precision().name().toLowerCase(Locale.ROOT));
        Map<String, Object> operators = new LinkedHashMap<>();
        bill.byOperator().forEach((operator, usage) -> operators.put(operator, columns(usage)));
        json.put("operators", operators);
        Map<String, Object> parts = new LinkedHashMap<>();
        bill.byPart().forEach((part, usage) -> parts.put(part.title(), part(part, usage)));
        json.put("parts", parts);
        Map<String, Object> memory = new LinkedHashMap<>();
        memory.put("unit", "bytes");
        memory.put("scope", "tensors of this program on a CPU");
        memory.putAll(memory());
        Map<String, Long> kept = new LinkedHashMap<>();
        bill.activations().kept().forEach((part, bytes) -> kept.put(part.title(), bytes));
        memory.put("activationsByPart", kept);
        json.put("memory", memory);
        return json;
    }

    private Map<String, Object> part(Part part, Usage usage) {
        Map<String, Object> json = new LinkedHashMap<>(columns(usage));
        for (Bill.Pass pass : Bill.Pass.values()) {
            Usage one = executed.bill().of(part, pass);
            if (one.calls() > 0) {
                json.put(pass.title(), columns(one));
            }
        }
        return json;
    }

    private static Map<String, Object> columns(Usage usage) {
        Map<String, Object> columns = new LinkedHashMap<>();
        columns.put("calls", usage.calls());
        columns.put("matmul", usage.cost().matmul());
        columns.put("elementwise", usage.cost().elementwise());
        columns.put("transcendental", usage.cost().transcendental());
        columns.put("moved", usage.cost().moved());
        columns.put("bytesRead", usage.read());
        columns.put("bytesWritten", usage.written());
        columns.put("intensity", usage.intensity());
        return columns;
    }
}
