package dev.isoflop.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import javax.imageio.ImageIO;

/// A run that breaks down never passes for one that went well.
class UnstableTest {

    private static final String RECIPE =
            """
            name: wild
            method: {name: supervised, drop-path: 0}
            encoder: {width: 32, depth: 1, heads: 2, patch: 8}
            image: 16
            data: {kind: folder, path: IMAGES}
            budget: 6 steps
            batch: 4
            """;

    @TempDir private Path folder;

    @Test
    void aRunWhoseImagesAllLookTheSameToItEndsUnstable() throws Exception {
        ChildJvm child = pretrain("");
        assertThat(child.status()).as(child.err()).isEqualTo(1);
        assertThat(child.err())
                .containsOnlyOnce("step 1: The embeddings have collapsed: ")
                .contains("wild: unstable. ");
        JsonNode result = result();
        assertThat(result.get("status").asString()).isEqualTo("unstable");
        assertThat(result.get("steps").asInt()).isEqualTo(6);
        assertThat(result.get("spread").asDouble()).isLessThan(0.01);
        assertThat(result.get("message").asString())
                .startsWith("The budget is spent. The embeddings have collapsed: ");
        Path encoder = run().resolve(result.get("encoder").get("file").asString());
        assertThat(encoder).exists();
        assertThat(Files.readString(run().resolve("report.html")))
                .contains("<span class=\"status unstable\">unstable</span>")
                .contains("The embeddings have collapsed: ");
    }

    @Test
    void aRunWhoseLossIsNotFiniteEndsUnstable() throws Exception {
        ChildJvm child = pretrain("optimiser: {base-rate: 1e30, warmup: 0}\n");
        assertThat(child.status()).as(child.err()).isEqualTo(1);
        assertThat(child.err()).contains("the step was not applied").doesNotContain("\tat ");
        JsonNode result = result();
        assertThat(result.get("status").asString()).isEqualTo("unstable");
        assertThat(result.get("message").asString()).contains("Try a lower optimiser.base-rate");
        assertThat(Files.readString(run().resolve("report.html")))
                .contains("<span class=\"status unstable\">unstable</span>");
    }

    @Test
    void aDemonstrationThatEndsUnstableIsNoSuccess() throws IOException {
        StringWriter err = new StringWriter();
        PrintWriter writer = new PrintWriter(err, true);
        int status =
                Isoflop.run(
                        writer,
                        writer,
                        "demo",
                        "--out=" + run(),
                        "--set=encoder={width: 32, depth: 1, heads: 2, patch: 8}",
                        "--set=method={name: supervised, drop-path: 0}",
                        "--set=image=16",
                        "--set=data={kind: folder, path: " + grey() + "}",
                        "--set=probe=none",
                        "--set=batch=4",
                        "--set=budget=6 steps");
        assertThat(status).as(err.toString()).isEqualTo(1);
        assertThat(result().get("status").asString()).isEqualTo("unstable");
    }

    private Path run() {
        return folder.resolve("wild");
    }

    private JsonNode result() throws IOException {
        return new JsonMapper().readTree(Files.readString(run().resolve("result.json")));
    }

    /// Images that all look the same.
    private Path grey() throws IOException {
        Path images = folder.resolve("images");
        for (String label : List.of("cat", "dog")) {
            Path grey = Files.createDirectories(images.resolve(label)).resolve("grey.png");
            ImageIO.write(
                    new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB), "png", grey.toFile());
        }
        return images;
    }

    private ChildJvm pretrain(String more) throws IOException {
        Path recipe = folder.resolve("wild.yaml");
        Files.writeString(recipe, RECIPE.replace("IMAGES", grey().toString()) + more);
        return ChildJvm.start(
                folder, List.of(), "pretrain", recipe.toString(), "--out", run().toString());
    }
}
