package dev.isoflop.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.encoder.Card;
import dev.isoflop.files.Sha256;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.torch.Parameters;
import dev.isoflop.torch.Safetensors;
import dev.isoflop.vit.Positions;
import dev.isoflop.vit.Vit;
import dev.isoflop.vit.VitShape;
import dev.isoflop.vit.VitStyle;

import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeEach;
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
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

import javax.imageio.ImageIO;

/// `isoflop probe` of encoders that belong to no run.
class ProbeFileTest {

    private static final VitShape SHAPE = new VitShape(32, 1, 2, 8, 32);

    @TempDir private Path folder = Path.of("");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private Path images = Path.of("");

    @BeforeEach
    void paint() throws IOException {
        images = folder.resolve("images");
        Random random = new Random(7);
        for (int colour = 0; colour < 3; colour++) {
            Path where = Files.createDirectories(images.resolve("colour-" + colour));
            for (int i = 0; i < 10; i++) {
                var image = new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB);
                for (int p = 0; p < 32 * 32; p++) {
                    int level = 40 + random.nextInt(80);
                    image.setRGB(p % 32, p / 32, (100 << (8 * colour)) + level * 0x010101);
                }
                ImageIO.write(image, "png", where.resolve(i + ".png").toFile());
            }
        }
    }

    /// An encoder of random weights, in a file as `isoflop convert` writes them.
    private Path encoder(String name, Vit.Pool pool) throws IOException {
        return encoder(name, pool, VitStyle.TIMM);
    }

    private Path encoder(String name, Vit.Pool pool, VitStyle style) throws IOException {
        LibTorch.load();
        torch.manual_seed(3);
        Vit vit = new Vit(SHAPE, Positions.LEARNED, pool, style);
        try (NoGradGuard _ = new NoGradGuard()) {
            Map<String, Tensor> weights = new LinkedHashMap<>();
            Parameters.named(vit).forEach((key, tensor) -> weights.put(key, tensor.detach()));
            Path file = folder.resolve(name);
            Files.createDirectories(file.resolve("..").normalize());
            String _ = Safetensors.write(file, weights, Card.of(vit, "a test").metadata());
            return file;
        }
    }

    private int probe(Path from, String... more) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        Stream<String> begin = Stream.of("probe", "--from", from.toString());
        return Isoflop.run(
                new PrintWriter(out, true),
                new PrintWriter(err, true),
                Stream.concat(begin, Arrays.stream(more)).toArray(String[]::new));
    }

    private List<JsonNode> probes(Path from, String... more) {
        String[] data = {
            "--json",
            "--set",
            "train={kind: folder, path: " + images + "}",
            "--set",
            "held-out=0.3",
            "--set",
            "neighbours=[1, 3]"
        };
        String[] all = Stream.of(data, more).flatMap(Arrays::stream).toArray(String[]::new);
        assertThat(probe(from, all)).as(err.toString()).isZero();
        return new JsonMapper().readTree(out.toString()).get("probes").valueStream().toList();
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(f -> f.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void aFileIsProbedAndItsFiguresAndFeaturesLieBesideIt() throws IOException {
        Path file = encoder("own/vit.safetensors", Vit.Pool.CLASS_TOKEN);
        List<JsonNode> probes = probes(file);
        assertThat(probes)
                .extracting(p -> p.get("protocol").asString())
                .containsExactly("k-NN", "linear");
        for (JsonNode probe : probes) {
            assertThat(probe.get("value").asDouble()).isEqualTo(1);
            assertThat(probe.get("encoder").get("step").isNull()).isTrue();
            assertThat(probe.get("encoder").get("file").asString()).isEqualTo(file.toString());
            assertThat(probe.get("encoder").get("sha256").asString()).isEqualTo(Sha256.of(file));
            assertThat(probe.get("encoder").get("view").asString()).isEqualTo("central crop of 32");
        }
        assertThat(names(folder.resolve("own")))
                .containsExactly(
                        "untrained",
                        "vit.safetensors",
                        "vit.safetensors.features",
                        "vit.safetensors.probe.json");
        assertThat(names(folder.resolve("own/vit.safetensors.features"))).hasSize(2);

        JsonNode again = probes(file, "--knn").getFirst();
        assertThat(again.get("features").get("computed").asInt()).isZero();
        assertThat(again.get("trials")).isEqualTo(probes.getFirst().get("trials"));
        String kept = Files.readString(folder.resolve("own/vit.safetensors.probe.json"));
        assertThat(new JsonMapper().readTree(kept).get("probes")).as("k-NN once").hasSize(2);
    }

    @Test
    void figuresOfSeveralFilesMayGoToOne() throws IOException {
        Path figures = folder.resolve("all/both.json");
        Path first = encoder("first.safetensors", Vit.Pool.CLASS_TOKEN);
        Path second = encoder("second.safetensors", Vit.Pool.MEAN_OF_PATCHES);
        assertThat(probes(first, "--knn", "--out", figures.toString())).hasSize(1);
        JsonNode other = probes(second, "--knn", "--out", figures.toString()).getFirst();
        assertThat(other.get("features").get("computed").asInt())
                .as("of another pool")
                .isPositive();
        assertThat(new JsonMapper().readTree(Files.readString(figures)).get("probes"))
                .extracting(p -> p.get("encoder").get("file").asString())
                .containsExactly(first.toString(), second.toString());
        assertThat(names(folder.resolve("all")))
                .containsExactly("both.features", "both.json", "untrained");
    }

    @Test
    void nothingIsPutIntoTheFolderOfACheckpoint() throws IOException {
        Path file = encoder("checkpoints/step-3/encoder.safetensors", Vit.Pool.CLASS_TOKEN);
        Path checkpoint = folder.resolve("checkpoints/step-3");
        Files.writeString(checkpoint.resolve("manifest.json"), "{}");
        JsonNode byFolder = probes(checkpoint, "--knn").getFirst();
        JsonNode byFile = probes(file, "--knn").getFirst();
        assertThat(byFile.get("features").get("computed").asInt()).isZero();
        assertThat(byFile.get("value")).isEqualTo(byFolder.get("value"));
        assertThat(names(checkpoint)).containsExactly("encoder.safetensors", "manifest.json");
        assertThat(names(folder.resolve("checkpoints")))
                .containsExactly("step-3", "step-3.features", "step-3.probe.json", "untrained");
    }

    @Test
    void aForeignEncoderHasAnUntrainedTwinOfItsOwnStyle() throws IOException {
        Path timm = encoder("a/timm.safetensors", Vit.Pool.CLASS_TOKEN);
        Path clip = encoder("a/clip.safetensors", Vit.Pool.CLASS_TOKEN, VitStyle.CLIP);
        JsonNode first = probes(timm, "--knn").getFirst().get("untrained");
        JsonNode other = probes(clip, "--knn").getFirst().get("untrained");
        assertThat(first.get("encoder").asString())
                .isEqualTo("ViT-32x1x2/8 at 32, learned positions, class token, seed 0");
        assertThat(other.get("encoder").asString())
                .contains("class token, quick gelu, normed first")
                .endsWith("seed 0");
        assertThat(other.get("features").get("computed").asInt()).as("not timm's").isEqualTo(30);
    }

    @Test
    void checkpointsOfARunShareTheUntrainedWithTheRunsBesideIt() throws IOException {
        Path checkpoint = folder.resolve("runs/first/checkpoints/step-3");
        Path _ = encoder("runs/first/checkpoints/step-3/encoder.safetensors", Vit.Pool.CLASS_TOKEN);
        Path _ = Files.writeString(checkpoint.resolve("manifest.json"), "{}");
        Files.copy(Path.of("recipes/demo/mae.yaml"), folder.resolve("runs/first/recipe.yaml"));
        assertThat(probes(checkpoint, "--knn")).hasSize(1);
        assertThat(names(folder.resolve("runs"))).containsExactly("first", "untrained");
    }

    @Test
    void aFileHasNoDataAndNoWordsOfItsOwn() throws IOException {
        Path file = encoder("vit.safetensors", Vit.Pool.CLASS_TOKEN);
        assertThat(probe(file)).isEqualTo(2);
        assertThat(err.toString())
                .contains(file + " holds an encoder and no data; name images with labels: --set")
                .doesNotContain("\tat ");
        assertThat(probe(file, "--zero-shot")).isEqualTo(2);
        assertThat(err.toString())
                .contains("--zero-shot needs a run of method clip; " + file)
                .contains("holds an encoder of images alone");
        assertThat(probe(file, "--out", "figures.txt")).isEqualTo(2);
        assertThat(err.toString())
                .contains("--out is figures.txt; write a name that ends in .json");
        assertThat(names(folder)).containsExactly("images", "vit.safetensors");
    }

    @Test
    void whatWasNotConvertedAndWhatIsARunAreSentElsewhere() throws IOException {
        Path foreign = Files.writeString(folder.resolve("model.pth"), "weights");
        assertThat(probe(foreign)).isEqualTo(2);
        assertThat(err.toString()).contains("isoflop convert " + foreign + " --to");
        Path run = Files.createDirectories(folder.resolve("run"));
        Files.copy(Path.of("recipes/demo/mae.yaml"), run.resolve("recipe.yaml"));
        assertThat(probe(run, "--out", "figures.json")).isEqualTo(2);
        assertThat(err.toString()).contains("go to " + run.resolve("probe.json"));
        Path tuned = Files.createDirectories(folder.resolve("tuned"));
        Files.copy(Path.of("recipes/demo/segmentation.yaml"), tuned.resolve("recipe.yaml"));
        assertThat(probe(tuned)).isEqualTo(2);
        assertThat(err.toString())
                .contains(tuned + " is a fine-tuning run; name a checkpoint of it");
    }
}
