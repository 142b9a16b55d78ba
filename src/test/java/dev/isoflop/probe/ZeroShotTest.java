package dev.isoflop.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.isoflop.method.Clip;
import dev.isoflop.method.JointEmbedding;
import dev.isoflop.text.Tokenizer;
import dev.isoflop.text.Tokens;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.torch.Ops;
import dev.isoflop.torch.Parameters;
import dev.isoflop.torch.Safetensors;
import dev.isoflop.train.Captioned;
import dev.isoflop.train.Progress;
import dev.isoflop.vit.TextShape;
import dev.isoflop.vit.VitShape;

import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Zero-shot classification with the text tower that a checkpoint holds.
class ZeroShotTest {

    private static final VitShape SHAPE = new VitShape(64, 2, 2, 8, 32);

    @TempDir private Path folder = Path.of("");

    /// @param characters of a sentence that are read; 0 for all
    @ParameterizedTest
    @ValueSource(ints = {0, 17})
    void scoresAreThoseOfTheLearnerItself(int characters) throws IOException {
        LibTorch.load();
        torch.manual_seed(5);
        TextShape text = new TextShape(32, 1, 2, 64, 300, 24, 24, characters, TextShape.Pool.MEAN);
        Clip.Config config = new Clip.Config(text, 32, Clip.Config.DEFAULT.feature(), 0.07);
        Clip learner = new Clip(config, SHAPE);
        Path state = folder.resolve("state.safetensors");
        Map<String, Tensor> weights = new LinkedHashMap<>();
        Parameters.named(learner.trained())
                .forEach((name, tensor) -> weights.put(name, tensor.detach()));
        var _ = Safetensors.write(state, weights, Map.of());
        List<String> sentences = List.of("a photo of a striped star.", "a photo of a plain heart.");
        Tokenizer tokenizer = Tokenizer.train(sentences, 300);
        List<Tokens> tokens =
                sentences.stream()
                        .map(s -> characters == 0 ? s : s.substring(0, characters))
                        .map(s -> tokenizer.encode(s, 24))
                        .toList();
        try (NoGradGuard _ = new NoGradGuard()) {
            Tensor pixels = torch.rand(2, 3, 32, 32); // [2, 3, S, S]
            Captioned batch =
                    Captioned.of(
                            pixels,
                            tokens.stream().map(Tokens::ids).toArray(int[][]::new),
                            tokens.stream().mapToInt(Tokens::count).toArray());
            List<Tensor> joint = learner.embed(batch, new Progress(0, 1, 0, 0));
            double[][] expected =
                    Ops.rows(Ops.unit(joint.getFirst()).matmul(Ops.unit(joint.getLast()).t()));
            JointEmbedding embedding = config.jointEmbedding().orElseThrow();
            var prompts = new ZeroShot(embedding, tokenizer, 64, state, ScalarType.Float);
            Tensor features = learner.encoder().forward(pixels); // [2, D]
            List<String> names = List.of("striped star", "plain_heart, a heart");
            double[][] scores = prompts.scores(features, names, List.of("a photo of a {}."));
            for (int image = 0; image < 2; image++) {
                for (int c = 0; c < 2; c++) {
                    assertThat(scores[image][c]).isCloseTo(expected[image][c], within(1e-5));
                }
            }
        }
    }
}
