package dev.isoflop.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.isoflop.fault.InputException;
import dev.isoflop.image.Png;
import dev.isoflop.image.Raster;
import dev.isoflop.recipe.Table;
import dev.isoflop.run.RunListener;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What a run says of its data before its first step.
class DataNotesTest {

    @TempDir Path folder = Path.of("");

    private Table recipe(String method, String data) {
        return Table.parse(
                "r.yaml",
                """
                name: small
                method: %s
                encoder: {width: 64, depth: 2, heads: 2, patch: 8}
                image: 32
                data: {kind: folder, path: %s%s}
                budget: 1 steps
                batch: 4
                """
                        .formatted(method, folder.resolve("images"), data));
    }

    private void image(String name) throws IOException {
        Path file = folder.resolve("images").resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, Png.encode(new Raster(8, 8, new byte[3 * 8 * 8])));
    }

    @Test
    void whatIsLeftOutIsSaidWhenARunBegins() throws Exception {
        for (int i = 0; i < 4; i++) {
            image(i + ".png");
        }
        Path images = folder.resolve("images");
        Files.createSymbolicLink(images.resolve("none.png"), images.resolve("nowhere"));
        List<String> said = new ArrayList<>();
        RunListener listener =
                new RunListener() {
                    @Override
                    public void said(String line) {
                        said.add(line);
                    }
                };
        String mae = "{name: mae, decoder-width: 32, decoder-depth: 1, decoder-heads: 2}";
        var _ = Pretraining.of(recipe(mae, "")).run(folder.resolve("run"), listener, () -> false);
        assertThat(said).contains("left out of " + images + ": links to nothing: 1 (none.png)");
    }

    @Test
    void numbersOfWordNetAreRefusedBeforeAFolderIsMade() throws IOException {
        image("n01440764/1.png");
        image("n01494475/2.png");
        Path run = folder.resolve("run");
        assertThatExceptionOfType(InputException.class)
                .isThrownBy(() ->
                        Pretraining.of(recipe("{name: clip}", ", pseudo-captions: true"))
                                .run(run, RunListener.NONE, () -> false))
                .withMessageContaining("Name them by data.class-names: a file such as");
        assertThat(run).doesNotExist();
    }
}
