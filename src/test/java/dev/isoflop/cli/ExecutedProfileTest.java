package dev.isoflop.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/// The executed bill on the command line.
@EnabledOnOs(OS.LINUX)
class ExecutedProfileTest {

    private static final String[] SMALL = {
        "profile", "--method", "byol", "--encoder", "Ti/16", "--image", "32", "--batch", "4096"
    };

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir private Path folder;

    private int run(String[] start, String... more) {
        String[] all = Arrays.copyOf(start, start.length + more.length);
        System.arraycopy(more, 0, all, start.length, more.length);
        return Isoflop.run(new PrintWriter(out, true), new PrintWriter(err, true), all);
    }

    private String refused(String... more) {
        err.getBuffer().setLength(0);
        assertThat(run(SMALL, more)).isEqualTo(2);
        return err.toString().strip();
    }

    @Test
    void aStepOfFourThousandImagesIsPricedWithoutItsMemory() throws IOException {
        Path flame = folder.resolve("where.svg");
        assertThat(run(SMALL, "--device", "meta", "--json", "--flame", flame.toString()))
                .as(err.toString())
                .isZero();

        JsonNode flops = new JsonMapper().readTree(out.toString()).get("flops");
        JsonNode executed = flops.get("executed");
        assertThat(executed.get("matmul").asLong())
                .isEqualTo(flops.get("matmul").get("perStep").asLong());
        for (String column :
                new String[] {"calls", "matmul", "elementwise", "moved", "bytesRead"}) {
            assertThat(sum(executed.get("parts"), column))
                    .as(column)
                    .isEqualTo(executed.get(column).asLong())
                    .isEqualTo(sum(executed.get("operators"), column));
        }
        assertThat(executed.get("parts").propertyNames())
                .contains("encoder", "teacher", "heads", "loss", "clipping", "optimiser", "ema");
        assertThat(executed.get("memory").get("peak").asLong())
                .isGreaterThan(executed.get("memory").get("activations").asLong());
        assertThat(Files.readString(flame))
                .startsWith("<svg xmlns=\"http://www.w3.org/2000/svg\"")
                .contains("<title>teacher, forward, mm\n")
                .contains(">one step: ", " element-wise, ", ">ema 0.")
                .endsWith("</svg>\n");
    }

    private static long sum(JsonNode rows, String column) {
        return rows.valueStream().mapToLong(row -> row.get(column).asLong()).sum();
    }

    @Test
    void whatCannotBeAskedIsAnsweredInALine() {
        assertThat(refused("--device", "tpu"))
                .isEqualTo(
                        "isoflop: --device is tpu; write meta, or --trace to run a real step here");
        assertThat(refused("--device", "meta", "--trace"))
                .contains("--device and --trace do not go together");
        assertThat(refused("--flame", "x.svg"))
                .contains("--flame shows what a step executed: add --trace or --device meta");
        assertThat(refused("--chakra", "x.json")).contains("has no effect without --trace");
        assertThat(refused("--device", "meta", "--micro-batch", "5000"))
                .contains("micro-batch is 5000; it must lie between 1 and the batch, 4096");
        assertThat(refused("recipes/demo/mae.yaml"))
                .contains("--method and RECIPE do not go together");
        String[] recipe = {"profile", "recipes/demo/mae.yaml"};
        assertThat(run(recipe, "--precision", "bf16")).isEqualTo(2);
        assertThat(err.toString())
                .contains("--precision is the recipe's to say; change it with --set");
    }
}
