package dev.isoflop.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.isoflop.torch.LibTorch;
import dev.isoflop.torch.Ops;

import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.DoubleBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/// Reference numbers computed with the authors' own code: `golden/open.json`, or the file of the
/// same layout that `-Dgolden=FILE` names.
public final class Golden {

    /// Agreement asked of a float64 computation, relative to the norm of the tensor.
    public static final double TOLERANCE = 1e-9;

    private static final int PROBE_SEED = 99;

    private Golden() {}

    /// The reference numbers of one case.
    public static JsonNode of(String name) {
        LibTorch.load();
        JsonNode node = Holder.ALL.get(name);
        assertThat(node).as("case %s of the golden file", name).isNotNull();
        return node;
    }

    /// The seed of a case: its own where it has one, else that of the file's models.
    public static long seed(JsonNode node) {
        for (JsonNode place : new JsonNode[] {node, node.path("config"), of("mae").get("config")}) {
            if (place.has("seed")) {
                return place.get("seed").asLong();
            }
        }
        throw new AssertionError("the golden file has no seed");
    }

    private static final class Holder {
        private static final JsonNode ALL = read();

        private static JsonNode read() {
            String file = System.getProperty("golden");
            try (InputStream in =
                    file == null
                            ? Golden.class.getResourceAsStream("/golden/open.json")
                            : Files.newInputStream(Path.of(file))) {
                return new JsonMapper().readTree(in);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static long mix64(long value) {
        long z = value;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /// The i-th filling number of tensor t, in `[0, 1)`.
    public static double u(long seed, long t, long i) {
        long z =
                seed * 0x9E3779B97F4A7C15L
                        + t * 0xD1B54A32D192ED03L
                        + (i + 1) * 0x8CB92BA72F3D8DD7L;
        return (mix64(z) >>> 11) * 0x1.0p-53;
    }

    /// The i-th filling number of tensor t, in `[-1, 1)`.
    public static double s(long seed, long t, long i) {
        return 2 * u(seed, t, i) - 1;
    }

    /// A float64 tensor filled with {@link #u}.
    public static Tensor uniform(long seed, long t, long... shape) {
        return filled(shape, i -> u(seed, t, i));
    }

    /// A float64 tensor filled with {@link #s}.
    public static Tensor signed(long seed, long t, long... shape) {
        return filled(shape, i -> s(seed, t, i));
    }

    private interface Fill {
        double at(long i);
    }

    private static Tensor filled(long[] shape, Fill fill) {
        int n = 1;
        for (long size : shape) {
            n = Math.multiplyExact(n, (int) size);
        }
        double[] values = new double[n];
        for (int i = 0; i < n; i++) {
            values[i] = fill.at(i);
        }
        return Ops.tensor(values, shape);
    }

    /// Fills every parameter by the rule of a case's `params` table.
    ///
    /// @param parameters ours, by our names
    /// @param official our name to the authors'
    /// @param analytic values of parameters that are kept, by the authors' names
    public static void fill(
            JsonNode params,
            long seed,
            Map<String, Tensor> parameters,
            UnaryOperator<String> official,
            Map<String, Tensor> analytic) {
        Map<String, JsonNode> rows = new java.util.TreeMap<>();
        for (JsonNode row : params) {
            rows.put(row.get(1).asString(), row);
        }
        TreeSet<String> ours = new TreeSet<>();
        parameters.keySet().forEach(name -> ours.add(official.apply(name)));
        assertThat(ours).as("names of parameters").isEqualTo(new TreeSet<>(rows.keySet()));
        try (NoGradGuard _ = new NoGradGuard()) {
            parameters.forEach((name, tensor) -> {
                JsonNode row = Objects.requireNonNull(rows.get(official.apply(name)));
                assertThat(tensor.shape()).as(name).isEqualTo(longs(row.get(2)));
                long t = row.get(0).asLong();
                tensor.copy_(
                        switch (row.get(3).asString()) {
                            case "1+0.1*S" -> filled(tensor.shape(), i -> 1 + 0.1 * s(seed, t, i));
                            case "0.1*S" -> filled(tensor.shape(), i -> 0.1 * s(seed, t, i));
                            case "0.2*S" -> filled(tensor.shape(), i -> 0.2 * s(seed, t, i));
                            case "kept (analytic)" ->
                                    Objects.requireNonNull(analytic.get(official.apply(name)));
                            default -> throw new AssertionError(row.toString());
                        });
            });
        }
    }

    /// Whether a tensor is the one described: shape, norm, probe and its first and last elements.
    public static void assertMatches(String what, Tensor actual, JsonNode expected) {
        double[] values = doubles(actual);
        if (expected.has("shape")) {
            assertThat(actual.shape()).as(what + ": shape").isEqualTo(longs(expected.get("shape")));
        }
        double norm = expected.get("norm").asDouble();
        double squares = 0;
        double dot = 0;
        for (int i = 0; i < values.length; i++) {
            squares += values[i] * values[i];
            dot += values[i] * s(PROBE_SEED, 0, i);
        }
        double tolerance = TOLERANCE * norm;
        assertThat(Math.sqrt(squares)).as(what + ": norm").isCloseTo(norm, within(tolerance));
        assertThat(dot)
                .as(what + ": dot")
                .isCloseTo(expected.get("dot").asDouble(), within(tolerance));
        double[] first = array(expected.get("first"));
        for (int i = 0; i < first.length; i++) {
            assertThat(values[i]).as(what + "[" + i + "]").isCloseTo(first[i], within(tolerance));
        }
        double[] last = array(expected.get("last"));
        for (int i = 0; i < last.length; i++) {
            int at = values.length - last.length + i;
            assertThat(values[at]).as(what + "[" + at + "]").isCloseTo(last[i], within(tolerance));
        }
    }

    /// Whether numbers agree, relative to the norm of what is expected.
    public static void assertClose(String what, double[] actual, JsonNode expected) {
        double[] wanted = array(expected);
        double norm = 0;
        for (double w : wanted) {
            norm += w * w;
        }
        assertThat(actual).as(what).hasSameSizeAs(wanted);
        for (int i = 0; i < wanted.length; i++) {
            assertThat(actual[i])
                    .as("%s[%d]", what, i)
                    .isCloseTo(wanted[i], within(TOLERANCE * Math.sqrt(norm)));
        }
    }

    /// Whether a number agrees.
    public static void assertClose(String what, double actual, JsonNode expected) {
        double wanted = expected.asDouble();
        assertThat(actual).as(what).isCloseTo(wanted, within(TOLERANCE * Math.abs(wanted)));
    }

    /// The elements of a tensor, row-major, as doubles.
    public static double[] doubles(Tensor tensor) {
        Tensor flat = tensor.detach().to(ScalarType.Double).contiguous();
        double[] values = new double[Math.toIntExact(flat.numel())];
        DoubleBuffer buffer = flat.createBuffer();
        buffer.get(values);
        return values;
    }

    public static double[] array(JsonNode node) {
        double[] values = new double[node.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = node.get(i).asDouble();
        }
        return values;
    }

    public static long[] longs(JsonNode node) {
        long[] values = new long[node.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = node.get(i).asLong();
        }
        return values;
    }

    /// A sine-cosine table in double precision, `[1, 1 + grid * grid, width]`.
    public static Tensor positions(int width, int grid) {
        Tensor table =
                Ops.tensor(
                        dev.isoflop.vit.SinCos.table(width, grid),
                        1,
                        1 + (long) grid * grid,
                        width);
        assertThat(Ops.sizes(table)).hasSize(3);
        return table;
    }
}
