package dev.isoflop.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.encoder.Card;
import dev.isoflop.encoder.EncoderFile;
import dev.isoflop.encoder.Encoders;
import dev.isoflop.fault.InputException;
import dev.isoflop.run.RunFolder;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.torch.Parameters;
import dev.isoflop.torch.Safetensors;
import dev.isoflop.train.Checkpoints;
import dev.isoflop.train.Keep;
import dev.isoflop.vit.Positions;
import dev.isoflop.vit.Vit;
import dev.isoflop.vit.VitShape;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/// `isoflop convert`: what it says, what it writes, and what it refuses.
class ConvertTest {

    private static final VitShape SHAPE = new VitShape(32, 2, 2, 8, 16);

    @TempDir private Path folder = Path.of("");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void load() {
        LibTorch.load();
        torch.manual_seed(0);
    }

    private int run(String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return Isoflop.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    }

    private String refused(String... arguments) {
        assertThat(run(arguments)).as(err.toString()).isEqualTo(Isoflop.WRONG_INPUT);
        assertThat(err.toString()).startsWith("isoflop: ").doesNotContain("\tat ");
        return err.toString().strip();
    }

    private Path in(Map<String, Tensor> tensors, Map<String, String> metadata) throws IOException {
        Path file = folder.resolve("in.safetensors");
        Safetensors.write(file, tensors, metadata);
        return file;
    }

    private Path to(String name) {
        return folder.resolve(name + ".safetensors");
    }

    private static Map<String, Tensor> weights(Vit vit) {
        Map<String, Tensor> weights = new LinkedHashMap<>();
        Parameters.named(vit).forEach((name, tensor) -> weights.put(name, tensor.detach()));
        return weights;
    }

    private static Map<String, Tensor> some() {
        return weights(new Vit(SHAPE, Positions.LEARNED, Vit.Pool.CLASS_TOKEN));
    }

    private static void assertSame(Map<String, Tensor> actual, Map<String, Tensor> expected) {
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        actual.forEach(
                (name, tensor) -> assertThat(tensor.equal(expected.get(name))).as(name).isTrue());
    }

    @Test
    @Timeout(120)
    void aPipeGetsTheFileAndStaysAPipe() throws Exception {
        Vit vit = new Vit(SHAPE, Positions.LEARNED, Vit.Pool.CLASS_TOKEN);
        Path ours = in(weights(vit), Card.of(vit, "a test").metadata());
        Path file = to("file");
        assertThat(run("convert", ours.toString(), "--to", file.toString())).isZero();
        Path pipe = to("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
        Path read = folder.resolve("read");
        Process reader =
                new ProcessBuilder("cat", pipe.toString()).redirectOutput(read.toFile()).start();
        assertThat(run("convert", ours.toString(), "--to", pipe.toString())).isZero();
        assertThat(reader.waitFor()).isZero();
        assertThat(read).hasSameBinaryContentAs(file);
        assertThat(Files.readAttributes(pipe, BasicFileAttributes.class).isOther()).isTrue();
        assertThat(out.toString()).contains(pipe.toString()).doesNotContain("SHA-256");
    }

    @Test
    void oursToTimmsAndBackIsTheSameToTheBit() throws IOException {
        for (Positions positions : Positions.values()) {
            for (Vit.Pool pool : Vit.Pool.values()) {
                Vit vit = new Vit(SHAPE, positions, pool);
                Card card = Card.of(vit, "a test");
                Path ours = in(weights(vit), card.metadata());
                String name = positions + "-" + pool;
                Path timm = to(name + "-timm");
                Path back = to(name + "-back");
                assertThat(run("convert", ours.toString(), "--as", "timm", "--to", timm.toString()))
                        .isZero();
                assertThat(run("convert", timm.toString(), "--to", back.toString())).isZero();
                assertSame(Safetensors.read(timm), weights(vit));
                assertSame(Safetensors.read(back), weights(vit));
                assertThat(EncoderFile.find(back).card()).isEqualTo(card);
                assertSame(weights(Encoders.read(back, ScalarType.Float)), weights(vit));
            }
        }
    }

    @Test
    void aRunsLastGoodCheckpointIsReadAndPythonIsToldHow() throws IOException {
        Path run = folder.resolve("run");
        Vit vit = new Vit(SHAPE);
        try (RunFolder held = RunFolder.create(run)) {
            held.writeRecipe("name: x\n");
            Checkpoints checkpoints = new Checkpoints(held.checkpoints(), new Keep(2, 0));
            Map<String, String> meta = Card.of(vit, "x, mae").metadata();
            checkpoints.write(1, 1, some(), Map.of(), Map.of());
            checkpoints.write(2, 2, weights(vit), Map.of(), meta);
        }
        Path timm = to("timm");
        assertThat(run("convert", run.toString(), "--as", "timm", "--to", timm.toString()))
                .as(err.toString())
                .isZero();
        assertThat(out.toString())
                .contains("step-2")
                .contains("timm.models.vision_transformer.VisionTransformer(img_size=16,")
                .contains("embed_dim=32, depth=2, num_heads=2, num_classes=0, global_pool='token')")
                .contains("load_file('" + timm + "')")
                .contains("positions   fixed: they equal the table");
        assertSame(Safetensors.read(timm), weights(vit));
        assertSame(weights(Encoders.read(run, ScalarType.Float)), weights(vit));
        Path step = run.resolve("checkpoints/step-2");
        assertThat(EncoderFile.find(step).card().shape()).isEqualTo(SHAPE);
    }

    @Test
    void everyTensorIsAccountedForAsJson() throws IOException {
        Map<String, Tensor> state = some();
        state.put("head.weight", torch.ones(10, 32));
        state.replaceAll((_, tensor) -> tensor.to(ScalarType.Half));
        Path to = to("out");
        assertThat(
                        run(
                                "convert",
                                in(state, Map.of()).toString(),
                                "--heads",
                                "2",
                                "--to",
                                to.toString(),
                                "--json"))
                .as(err.toString())
                .isZero();
        JsonNode report = new JsonMapper().readTree(out.toString());
        assertThat(report.get("tensors").asInt()).isEqualTo(state.size());
        assertThat(report.get("used").size() + report.get("left").size()).isEqualTo(state.size());
        assertThat(report.get("used").get(0).get("name").asString()).isEqualTo("cls_token");
        assertThat(report.get("used").get(0).get("dtype").asString()).isEqualTo("F16");
        assertThat(report.get("left").get(0).get("why").asString())
                .isEqualTo("a head behind the encoder");
        assertThat(report.get("missing")).isEmpty();
        assertThat(report.get("numbers").asString()).isEqualTo("F32");
        assertThat(report.get("reasons").get("heads").asString()).isEqualTo("as asked");
        assertThat(report.get("written").get("bytes").asLong()).isEqualTo(Files.size(to));
        state.remove("head.weight");
        state.replaceAll((_, tensor) -> tensor.to(ScalarType.Float)); // exact
        assertSame(Safetensors.read(to), state);
    }

    @Test
    void withoutAPlaceToWriteItOnlyLooks() throws IOException {
        Path in = in(some(), Map.of());
        assertThat(run("convert", in.toString(), "--heads", "2")).isZero();
        assertThat(out.toString())
                .contains("naming      timm's")
                .contains("blocks.*.attn.qkv.weight  from blocks.*.attn.qkv.weight  x 2")
                .contains("missing     none")
                .contains("written     nothing");
        assertThat(folder).isDirectoryContaining(in::equals);
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).hasSize(1);
        }
    }

    @Test
    void whatDoesNotFitIsToldAtOnceAndNothingIsWritten() throws IOException {
        Map<String, Tensor> state = some();
        state.remove("blocks.1.norm2.bias");
        state.put("blocks.0.mlp.fc1.weight", torch.ones(96, 32));
        state.put("norm.weight", torch.ones(33));
        Path in = in(state, Map.of());
        assertThat(refused("convert", in.toString(), "--heads", "2", "--to", to("x").toString()))
                .isEqualTo(
                        """
                        isoflop: %s does not fit ViT-32x2x2/8, by its naming, timm's, which encoders of MAE, DINO and isoflop share:
                          blocks.0.mlp.fc1.weight is F32[96, 32], not [128, 32]
                          blocks.1.norm2.bias is missing
                          norm.weight is F32[33], not [32]\
                        """
                                .formatted(in));
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(in);
        }
    }

    @Test
    void anEncoderWithPartsThatOursHasNotIsRefusedByTheirNames() throws IOException {
        Map<String, Tensor> state = some();
        state.put("blocks.0.ls1.gamma", torch.ones(32));
        state.put("blocks.1.ls1.gamma", torch.ones(32));
        state.put("fc_norm.weight", torch.ones(32));
        state.put("extra.weight", torch.ones(32));
        String in = in(state, Map.of()).toString();
        assertThat(refused("convert", in, "--heads", "2"))
                .contains(
                        "it has parts that isoflop's network has not, layer scale"
                                + " (blocks.0.ls1.gamma, blocks.1.ls1.gamma); unknown"
                                + " (extra.weight)")
                .contains("name them with --leave-out");
        assertThat(
                        refused(
                                "convert",
                                in,
                                "--heads",
                                "2",
                                "--leave-out",
                                "extra",
                                "--leave-out",
                                "blocks.0.ls1",
                                "--leave-out",
                                "blocks.1.ls1"))
                .contains("of no use to it (fc_norm.weight)");
    }

    @Test
    void headsThatNobodySaysAreAskedFor() throws IOException {
        String in = in(some(), Map.of()).toString();
        assertThat(refused("convert", in))
                .contains("does not say how many heads its attention has")
                .contains("say --heads");
        assertThat(refused("convert", in, "--heads", "3"))
                .contains("heads is 3; it must divide the width, 32");
        assertThat(refused("convert", in, "--heads", "0")).contains("--heads is 0");
        assertThat(refused("convert", in, "--epsilon", "7")).contains("--epsilon is 7.0");
        assertThat(refused("convert", in, "--as", "keras"))
                .contains("--as is keras; write isoflop or timm");
        assertThat(refused("convert", in, "--activation", "relu"))
                .contains("--activation is relu; write gelu or quick-gelu");
    }

    @Test
    void blocksThatWouldGoOnForeverAreRefused() throws IOException {
        Map<String, Tensor> state = some();
        state.put("blocks.2000000000.norm1.weight", torch.ones(32));
        assertThat(refused("convert", in(state, Map.of()).toString(), "--heads", "2"))
                .contains("depth is 2000000001; its tensors are of 31 parameters only");
    }

    @Test
    void positionsThatAreNoSquareAreRefused() throws IOException {
        Map<String, Tensor> state = some();
        state.put("pos_embed", torch.ones(1, 4, 32));
        assertThat(refused("convert", in(state, Map.of()).toString(), "--heads", "2"))
                .contains("has positions of shape [1, 4, 32]")
                .contains("a row for the class token and one for each patch of a square, 32 wide");
    }

    @Test
    void aNamingThatNobodyKnowsIsShownInPart() throws IOException {
        Path in = in(Map.of("layer1.0.conv1.weight", torch.ones(2)), Map.of());
        assertThat(refused("convert", in.toString()))
                .contains("holds no vision transformer in a naming that isoflop knows")
                .contains("layer1.0.conv1.weight");
    }

    @Test
    void severalEncodersAreToldApartByTheirKey() throws IOException {
        Map<String, Tensor> both = new LinkedHashMap<>();
        some().forEach((name, tensor) -> both.put("first." + name, tensor));
        some().forEach((name, tensor) -> both.put("second." + name, tensor));
        String in = in(both, Map.of()).toString();
        assertThat(refused("convert", in, "--heads", "2"))
                .contains("holds 2 encoders, first, second; say which with --key");
        assertThat(refused("convert", in, "--heads", "2", "--key", "third"))
                .contains("--key third: no encoder of " + in + " stands there");
        assertThat(run("convert", in, "--heads", "2", "--key", "second")).isZero();
        assertThat(out.toString())
                .contains("cls_token  from second.cls_token")
                .contains("of another encoder, which --key first reads");
    }

    @Test
    void nothingThatIsThereIsOverwritten() throws IOException {
        Path in = in(some(), Map.of());
        byte[] before = Files.readAllBytes(in);
        assertThat(refused("convert", in.toString(), "--heads", "2", "--to", in.toString()))
                .contains("is there already; give another name, or remove it");
        assertThat(Files.readAllBytes(in)).isEqualTo(before);
        assertThat(refused("convert", in.toString(), "--heads", "2", "--to", "x.pth"))
                .contains("--to x.pth: isoflop writes safetensors");
    }

    @Test
    void aTowerThatNormsFirstInTimmsNamingMustSayItsActivation() throws IOException {
        Map<String, Tensor> state = some();
        state.remove("patch_embed.proj.bias");
        state.put("norm_pre.weight", torch.ones(32));
        state.put("norm_pre.bias", torch.zeros(32));
        String in = in(state, Map.of()).toString();
        assertThat(refused("convert", in, "--heads", "2"))
                .contains("say --activation quick-gelu (OpenAI's) or gelu");
        assertThat(run("convert", in, "--heads", "2", "--activation", "gelu")).isZero();
        assertThat(out.toString())
                .contains("norms       epsilon 1.0E-5")
                .contains("patch_embed.proj.bias  zeros, held still");
    }

    @Test
    void whatWasNotConvertedIsNotTakenForAnEncoderOfOurs() throws IOException {
        Path in = in(some(), Map.of());
        Path foreign = Files.writeString(folder.resolve("x.pth"), "of another program");
        assertThat(Stream.of(in, foreign).map(ConvertTest::complaint))
                .allMatch(it -> it.contains("isoflop convert "));
        assertThat(complaint(folder.resolve("none.pth"))).contains("none.pth does not exist; name");
        Map<String, String> odd = new LinkedHashMap<>(Card.of(new Vit(SHAPE), "x").metadata());
        odd.put("vit.heads", "5");
        assertThat(complaint(in(some(), odd))).contains("heads is 5; it must divide the width, 32");
        odd.put("vit.positions", "rotary");
        odd.put("vit.heads", "2");
        assertThat(complaint(in(some(), odd))).contains("vit.positions is rotary");
    }

    private static String complaint(Path file) {
        try {
            return EncoderFile.find(file).toString();
        } catch (InputException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
