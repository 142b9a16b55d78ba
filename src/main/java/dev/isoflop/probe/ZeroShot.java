package dev.isoflop.probe;

import dev.isoflop.budget.Work;
import dev.isoflop.method.JointEmbedding;
import dev.isoflop.text.ClassName;
import dev.isoflop.text.Tokenizer;
import dev.isoflop.text.Tokens;
import dev.isoflop.torch.Ops;
import dev.isoflop.torch.Parameters;
import dev.isoflop.torch.Safetensors;
import dev.isoflop.vit.TextTower;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Zero-shot classification: of an image, the class whose prompts have the nearest text embedding
/// by cosine.
///
/// Radford et al. 2021, section 3.1: the name of each class in one prompt or several, the embedding
/// of each prompt of length 1 in the joint space, their mean of length 1 again.
///
/// Shapes: M images, K classes, T tokens, D width, W text tower's, J joint width.
final class ZeroShot {

    private final JointEmbedding joint;
    private final Tokenizer tokenizer;
    private final TextTower tower;
    private final Tensor fromImage; // [D, J]
    private final Tensor fromText; // [W, J]

    /// Takes the text tower and both projections from a checkpoint.
    ///
    /// @param joint which network they belong to, and their names
    /// @param width of the encoder, D
    /// @param state the checkpoint's file of all that was trained
    /// @param type of the numbers in it
    ZeroShot(JointEmbedding joint, Tokenizer tokenizer, int width, Path state, ScalarType type) {
        this.joint = joint;
        this.tokenizer = tokenizer;
        tower = new TextTower(joint.text());
        tower.to(type, false);
        long[] image = {width, joint.width()};
        long[] text = {joint.text().width(), joint.width()};
        fromImage = torch.zeros(image, Ops.options(tower.parameters().get(0).device(), type));
        fromText = torch.zeros(text, Ops.like(fromImage));
        Map<String, Tensor> targets = new LinkedHashMap<>();
        Parameters.named(tower)
                .forEach((name, tensor) -> targets.put(joint.textTower() + name, tensor));
        targets.put(joint.imageProjection(), fromImage);
        targets.put(joint.textProjection(), fromText);
        Safetensors.readSome(state, targets);
    }

    /// The cosine between each image and each class.
    ///
    /// @param features of the images, `[M, D]` in 32 bits on the CPU
    /// @param classNames of all classes, in the order of their numbers
    /// @param templates of sentences, with `{}` for the name
    /// @return `M x K`
    public double[][] scores(Tensor features, List<String> classNames, List<String> templates) {
        try (PointerScope _ = new PointerScope();
                NoGradGuard _ = new NoGradGuard()) {
            Tensor[] directions =
                    classNames.stream()
                            .map(name -> direction(ClassName.spoken(name), templates)) // [1, J]
                            .toArray(Tensor[]::new);
            Tensor classes = Ops.concatenated(0, directions); // [K, J]
            Tensor projection = fromImage.to(ScalarType.Float); // [D, J]
            Tensor images = Ops.unit(features.matmul(projection)); // [M, J]
            return Ops.rows(images.matmul(classes.t())); // [M, K]
        }
    }

    private Tensor direction(String name, List<String> templates) {
        int characters = joint.text().maxCharacters();
        int most = joint.text().maxTokens();
        List<Tokens> tokens =
                templates.stream()
                        .map(template -> template.replace("{}", name))
                        .map(sentence -> tokenizer.encode(sentence, characters, most))
                        .toList();
        double[] ids =
                tokens.stream()
                        .flatMapToInt(t -> Arrays.stream(t.ids()))
                        .asDoubleStream()
                        .toArray();
        double[] lengths = tokens.stream().mapToDouble(Tokens::count).toArray();
        int n = tokens.size();
        Tensor sentences = Ops.tensor(ids, n, most).to(ScalarType.Long); // [n, T]
        Tensor counts = Ops.tensor(lengths, n).to(ScalarType.Long); // [n]
        Tensor embedded = tower.forward(sentences, counts).matmul(fromText); // [n, J]
        Tensor units = Ops.unit(embedded.to(ScalarType.Float)); // [n, J]
        return Ops.unit(Ops.mean(units, 0).unsqueeze(0)); // [1, J]
    }

    /// The matrix products of {@link #scores}.
    ///
    /// @param images M
    /// @param classes K
    /// @param templates sentences a class
    public Work work(int images, int classes, int templates) {
        long sentences = Math.multiplyExact((long) classes, templates);
        long j = joint.width();
        return Work.sum(
                "zero-shot",
                joint.text().work().times(sentences, "sentences"),
                Work.product("projection of sentences", 1, sentences, joint.text().width(), j),
                Work.product("projection of images", 1, images, fromImage.size(0), j),
                Work.product("similarities", 1, images, j, classes));
    }
}
