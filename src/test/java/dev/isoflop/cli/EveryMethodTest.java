package dev.isoflop.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.encoder.Encoders;
import dev.isoflop.method.Method;
import dev.isoflop.run.Measurement;
import dev.isoflop.run.Result;
import dev.isoflop.run.RunFolder;
import dev.isoflop.vit.VitShape;

import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Every method, from a recipe to a page, on generated images.
class EveryMethodTest {

    static final List<String> METHODS = Method.Config.NAMES;

    @TempDir private Path folder = Path.of("");

    @ParameterizedTest
    @FieldSource("METHODS")
    void itsLossFallsOnGeneratedImages(String method) throws IOException {
        Path run = pretrain(method, 50);
        try (RunFolder read = RunFolder.read(run)) {
            List<Measurement> steps = read.readMeasurements();
            assertThat(steps).hasSize(50);
            double first = mean(steps.subList(0, 10));
            double last = mean(steps.subList(40, 50));
            assertThat(last).as("from %s", first).isLessThan(0.97 * first);
            Result result = read.readResult().orElseThrow();
            assertThat(result.status()).isEqualTo(Result.Status.FINISHED);
        }
        assertThat(run.resolve("report.html")).isNotEmptyFile();
        assertThat(Encoders.read(run, ScalarType.Float).shape())
                .isEqualTo(new VitShape(64, 2, 2, 8, 32));
    }

    private static double mean(List<Measurement> steps) {
        return steps.stream().mapToDouble(Measurement::loss).average().orElseThrow();
    }

    private Path pretrain(String method, int steps) throws IOException {
        Path recipe = Files.writeString(folder.resolve("recipe.yaml"), recipe(method, steps));
        Path run = folder.resolve("run");
        StringWriter err = new StringWriter();
        int status =
                Isoflop.run(
                        new PrintWriter(new StringWriter()),
                        new PrintWriter(err, true),
                        "pretrain",
                        recipe.toString(),
                        "--out",
                        run.toString());
        assertThat(status).as(err.toString()).isZero();
        return run;
    }

    /// A small run over and over the same few images.
    static String recipe(String method, int steps) {
        return """
        name: small
        method: {%s}
        encoder: {width: 64, depth: 2, heads: 2, patch: 8}
        image: 32
        data: {kind: world, images: 64}
        budget: %d steps
        batch: 16
        optimiser: {kind: adamw, base-rate: 2e-3, scale-rate: false, warmup: 0.1}
        %s
        """
                .formatted(settings(method), steps, view(method));
    }

    /// Gentle views where two of them are told apart: there is no time to learn what to ignore.
    private static String view(String method) {
        return method.equals("simclr")
                ? "view: {min-scale: 0.6, jitter: 0, grayscale: 0, blur: 0}"
                : "";
    }

    private static String settings(String method) {
        return switch (method) {
            case "mae" -> "name: mae, decoder-width: 32, decoder-depth: 1, decoder-heads: 2";
            case "dino" ->
                    "name: dino, local-views: 2, local-size: 16, head-width: 64, bottleneck: 16,"
                            // a teacher that stands still: else it sharpens and spreads with the
                            // student, and the loss says nothing within so few steps
                            + " prototypes: 64, teacher-momentum: 1, center-momentum: 0.5";
            case "byol" -> "name: byol, projector-hidden: 64, projector-out: 16";
            case "clip" ->
                    "name: clip, text-width: 32, text-depth: 1, text-heads: 2, text-hidden: 64,"
                            + " vocabulary: 300, max-tokens: 24, joint-width: 32";
            default -> "name: " + method;
        };
    }
}
