package dev.isoflop.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.image.Png;
import dev.isoflop.image.Raster;
import dev.isoflop.run.DataCard;
import dev.isoflop.run.Provenance;
import dev.isoflop.run.RunFolder;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;

/// A run does not go on over other data than it was begun on, and says what has changed.
class ChangedDataTest {

    private static final String MAE =
            """
            name: small
            method: {name: mae, decoder-width: 32, decoder-depth: 1, decoder-heads: 2}
            encoder: {width: 32, depth: 1, heads: 2, patch: 8}
            image: 16
            data: {kind: folder, path: %s}
            budget: 2 steps
            batch: 4
            threads: 1
            checkpoints: {every-steps: 1, keep-last: 9}
            """;
    private static final String MASKS =
            """
            name: small
            task: {name: segmentation, channels: 8}
            encoder: {width: 32, depth: 1, heads: 2, patch: 8}
            image: 16
            data: {kind: world, images: 12}
            validation: {kind: world, images: %d, seed: 1}
            budget: 2 steps
            batch: 4
            optimiser: {warmup: 0}
            threads: 1
            """;

    @TempDir private Path folder = Path.of("");
    private final StringWriter said = new StringWriter();
    private Path images = Path.of("");
    private Path run = Path.of("");

    @BeforeEach
    void draw() throws IOException {
        images = folder.resolve("images");
        run = folder.resolve("run");
        for (int i = 0; i < 9; i++) {
            write(i % 2 == 0 ? "cats/" + i + ".png" : "dogs/" + i + ".png", 8 + i);
        }
    }

    private void write(String name, int side) throws IOException {
        Path file = images.resolve(name);
        Files.createDirectories(file.getParent());
        byte[] pixels = new byte[3 * side * side];
        new Random(name.hashCode()).nextBytes(pixels); // the same images in every run of the test
        Files.write(file, Png.encode(new Raster(side, side, pixels)));
    }

    private int isoflop(String... arguments) {
        PrintWriter writer = new PrintWriter(said, true);
        return Isoflop.run(writer, writer, arguments);
    }

    private void begin(String verb, String recipe) throws IOException {
        Path file = Files.writeString(folder.resolve("recipe.yaml"), recipe);
        int status = isoflop(verb, file.toString(), "--out", run.toString());
        assertThat(status).as(said.toString()).isZero();
        said.getBuffer().setLength(0);
    }

    private void change(String how) throws IOException {
        switch (how) {
            case "deleted" -> Files.delete(images.resolve("cats/4.png"));
            case "added" -> write("cats/41.png", 8);
            case "renamed" ->
                    Files.move(images.resolve("cats/4.png"), images.resolve("cats/40.png"));
            case "replaced" -> write("cats/4.png", 64);
            default -> throw new IllegalArgumentException(how);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    deleted  | 9 images then, 8 now; first difference: cats/4.png is missing;
                    added    | 9 images then, 10 now; first difference: cats/41.png is new;
                    renamed  | 9 images then and now, but not the same ones; first difference: cats/4.png is missing, and cats/40.png is new;
                    replaced | 9 images then and now, but not the same ones; first difference: cats/4.png had
                    """)
    void aRunOverOtherImagesIsRefusedAndTheFirstOfThemNamed(String how, String difference)
            throws IOException {
        begin("pretrain", MAE.formatted(images));
        byte[] result = Files.readAllBytes(run.resolve("result.json"));
        change(how);
        assertThat(isoflop("pretrain", "--resume", run.toString()))
                .as(said.toString())
                .isEqualTo(2);
        assertThat(said.toString())
                .contains("the training data are not those that " + run + " was begun on: ")
                .contains(difference)
                .contains("put them back as they were (" + images + "), or start a new run");
        assertThat(Files.readAllBytes(run.resolve("result.json")))
                .as("the run's result is still true")
                .isEqualTo(result);
    }

    @Test
    void theSameImagesAreTakenFromAnotherPlace() throws IOException {
        begin("pretrain", MAE.formatted(images));
        Path elsewhere = folder.resolve("elsewhere");
        Files.move(images, elsewhere);
        Path recipe = run.resolve("recipe.yaml");
        Files.writeString(
                recipe, Files.readString(recipe).replace(images.toString(), elsewhere.toString()));
        assertThat(isoflop("pretrain", "--resume", run.toString())).as(said.toString()).isZero();
        assertThat(said.toString()).doesNotContain("could not be compared");
    }

    @Test
    void aCheckpointAloneKnowsItsData() throws IOException {
        begin("pretrain", MAE.formatted(images));
        Files.delete(run.resolve("provenance.json"));
        Files.delete(run.resolve("data/training.tsv.gz"));
        change("deleted");
        assertThat(isoflop("pretrain", "--resume", run.toString())).isEqualTo(2);
        assertThat(said.toString())
                .contains("9 images then, 8 now; put them back")
                .doesNotContain("first difference");
    }

    @Test
    void aRunFromBeforeDataHadCardsGoesOnAndSaysThatNothingWasCompared() throws IOException {
        begin("pretrain", MAE.formatted(images));
        remove(run.resolve("checkpoints"));
        Path provenance = run.resolve("provenance.json");
        String whole = Files.readString(provenance);
        String old = whole.substring(0, whole.indexOf("\"cards\"")).stripTrailing();
        Files.writeString(provenance, old.substring(0, old.length() - 1) + "\n}\n");
        change("deleted");
        assertThat(isoflop("pretrain", "--resume", run.toString())).as(said.toString()).isZero();
        assertThat(said.toString())
                .contains("the training data could not be compared with those that the run was");
        assertThat(Objects.requireNonNull(cards().get("training")).images())
                .as("from here on")
                .isEqualTo(8);
    }

    private static String clip(Path images) {
        return """
        name: small
        method: {name: clip, text-width: 16, text-depth: 1, text-heads: 2, text-hidden: 32, vocabulary: 400, max-tokens: 8, joint-width: 8}
        encoder: {width: 32, depth: 1, heads: 2, patch: 8}
        image: 16
        data: {kind: image-text, path: %s}
        budget: 2 steps
        batch: 4
        threads: 1
        """
                .formatted(images);
    }

    private Map<String, DataCard> cards() {
        try (RunFolder read = RunFolder.read(run)) {
            return read.readProvenance().map(Provenance::cards).orElseThrow();
        }
    }

    private static void remove(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(file);
            }
        }
    }

    @Test
    void otherCaptionsAreRefused() throws IOException {
        caption("a small picture");
        begin("pretrain", clip(images));
        caption("a small painting");
        assertThat(isoflop("pretrain", "--resume", run.toString()))
                .as(said.toString())
                .isEqualTo(2);
        assertThat(said.toString()).contains("was begun on: other captions; put them back");
    }

    private void caption(String text) throws IOException {
        var lines = new StringBuilder("file_name,text\n");
        for (int i = 0; i < 9; i++) {
            lines.append(i % 2 == 0 ? "cats/" : "dogs/").append(i).append(".png,");
            lines.append(text).append(' ').append(i).append('\n');
        }
        Files.writeString(images.resolve("metadata.csv"), lines);
    }

    @Test
    void otherValidationDataAreRefused() throws IOException {
        begin("finetune", MASKS.formatted(3));
        Path recipe = run.resolve("recipe.yaml");
        String kept = Files.readString(recipe);
        Files.writeString(recipe, kept.replace("images: 3", "images: 4"));
        assertThat(isoflop("finetune", "--resume", run.toString()))
                .as(said.toString())
                .isEqualTo(2);
        assertThat(said.toString())
                .contains("the validation data are not those that ")
                .contains("3 images then, 4 now; put them back");
    }

    @Test
    void anEncoderThatWasReplacedBeforeTheFirstCheckpointIsRefused() throws IOException {
        begin("pretrain", MAE.formatted(images));
        Path encoder = folder.resolve("encoder.safetensors");
        Files.copy(run.resolve("checkpoints/step-2/encoder.safetensors"), encoder);
        Path before = run.resolve("checkpoints/step-1/encoder.safetensors");
        run = folder.resolve("tuned");
        begin(
                "finetune",
                MASKS.formatted(3).replace("encoder: ", "from: " + encoder + "\nencoder: "));
        remove(run.resolve("checkpoints"));
        Files.delete(encoder);
        Files.copy(before, encoder);
        assertThat(isoflop("finetune", "--resume", run.toString()))
                .as(said.toString())
                .isEqualTo(2);
        assertThat(said.toString())
                .contains(encoder + " is not the encoder that the run was begun");
    }
}
