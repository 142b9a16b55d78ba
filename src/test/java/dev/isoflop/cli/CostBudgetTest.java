package dev.isoflop.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.recipe.Table;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;

/// A run whose budget is energy is converted once, when it begins.
class CostBudgetTest {

    private static final String CHIP =
            """
            chip:
              name: A chip
              peak: {f32: 1 GFLOP/s}
              power: {mean: 36 W, meaning: made up, source: a test, date: 2026-11-26}
              source: a test
              date: 2026-11-26
            """;

    @TempDir private Path folder = Path.of("");

    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        PrintWriter writer = new PrintWriter(err, true);
        return Isoflop.run(writer, writer, arguments);
    }

    @Test
    void theRunKeepsItsStepsWhenTheDeviceIsReckonedAnew() throws IOException {
        Path chip = Files.writeString(folder.resolve("chip.yaml"), CHIP);
        Path recipe =
                Files.writeString(
                        folder.resolve("r.yaml"),
                        """
                        name: small
                        method: {name: mae, decoder-width: 32, decoder-depth: 1, decoder-heads: 2}
                        encoder: {width: 64, depth: 1, heads: 2, patch: 8}
                        image: 32
                        data: {kind: world, images: 50}
                        budget: 0.01 Wh
                        batch: 4
                        cost: {on: %s, share-of-peak: 1, grams-per-kwh: 100}
                        """
                                .formatted(chip));
        Path run = folder.resolve("run");
        assertThat(run("pretrain", recipe.toString(), "--out", run.toString()))
                .as(err.toString())
                .isZero();
        Table kept = Table.read(run.resolve("recipe.yaml"));
        long steps = Long.parseLong(kept.text("budget").replace(" steps", ""));
        assertThat(kept.text("budget-asked")).isEqualTo("0.00001 kWh");
        assertThat(Files.readAllLines(run.resolve("measurements.jsonl"))).hasSize((int) steps);

        Files.writeString(chip, CHIP.replace("36 W", "72 W"));
        assertThat(run("plan", recipe.toString())).isZero();
        assertThat(err.toString()).contains("budget      0.00001 kWh, converted at");
        assertThat(run("plan", run.resolve("recipe.yaml").toString())).isZero();
        assertThat(err.toString())
                .contains("budget      0.00001 kWh, which became " + steps + " steps")
                .containsPattern("energy +1[.]9[0-9]e-05 kWh");
    }
}
