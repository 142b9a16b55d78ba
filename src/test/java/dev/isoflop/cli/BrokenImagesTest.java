package dev.isoflop.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.image.Png;
import dev.isoflop.image.Raster;
import dev.isoflop.run.Result;
import dev.isoflop.run.RunFolder;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;

/// What a run says of images that it could not use.
class BrokenImagesTest {

    @TempDir private Path folder = Path.of("");

    private String pretrain(String... arguments) {
        StringWriter err = new StringWriter();
        PrintWriter writer = new PrintWriter(err, true);
        assertThat(Isoflop.run(writer, writer, arguments)).as(err.toString()).isZero();
        return err.toString();
    }

    private static Result.Broken broken(Path run) {
        try (RunFolder read = RunFolder.read(run)) {
            return read.readResult().orElseThrow().broken();
        }
    }

    @Test
    void theirShareIsOfThoseTriedAndARunThatGoesOnCountsOn() throws IOException {
        Path images = Files.createDirectory(folder.resolve("images"));
        for (int i = 0; i < 80; i++) {
            byte[] png = Png.encode(new Raster(8, 8, new byte[3 * 8 * 8]));
            Files.write(images.resolve(i + ".png"), i % 8 == 0 ? new byte[] {1, 2, 3} : png);
        }
        Files.writeString(images.resolve("read me.txt"), "no image");
        Path recipe =
                Files.writeString(
                        folder.resolve("r.yaml"),
                        """
                        name: small
                        method: {name: mae, decoder-width: 32, decoder-depth: 1, decoder-heads: 2}
                        encoder: {width: 64, depth: 2, heads: 2, patch: 8}
                        image: 32
                        data: {kind: folder, path: %s}
                        budget: 3 steps
                        batch: 16
                        broken-share: 0.5
                        checkpoints: {every-steps: 1, keep-last: 9}
                        """
                                .formatted(images));
        Path run = folder.resolve("run");
        assertThat(pretrain("pretrain", recipe.toString(), "--out", run.toString()))
                .as("said before the first step")
                .contains(
                        "left out of %s: files that are no .jpg, .png or .webp: 1 (read me.txt)"
                                .formatted(images));
        assertThat(Files.readString(run.resolve("result.json")))
                .containsPattern("\"leftOut\" : .*\\s*\\{?\\s*\"reason\" : \"files that are no ");
        Result.Broken whole = broken(run);
        assertThat(whole.count()).isBetween(1L, 9L);
        assertThat(whole.first()).hasSize((int) whole.count());
        double tried = whole.count() / whole.share();
        assertThat(tried).as("48 of the 80 images, and stand-ins").isBetween(48.0, 57.0);
        for (int step : new int[] {2, 3}) {
            Files.move(run.resolve("checkpoints/step-" + step), folder.resolve("gone-" + step));
        }
        pretrain("pretrain", "--resume", run.toString());
        assertThat(broken(run)).isEqualTo(whole);
    }
}
