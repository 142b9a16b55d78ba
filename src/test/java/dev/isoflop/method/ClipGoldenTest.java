package dev.isoflop.method;

import static dev.isoflop.golden.Golden.assertClose;
import static dev.isoflop.golden.Golden.assertMatches;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.golden.Golden;
import dev.isoflop.torch.Parameters;
import dev.isoflop.train.Progress;
import dev.isoflop.vit.TextShape;
import dev.isoflop.vit.Vit;
import dev.isoflop.vit.VitShape;

import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;

import java.util.List;
import java.util.Objects;

/// Case `clip_loss`: the loss of figure 3, number for number.
class ClipGoldenTest {

    private static final TextShape TEXT =
            new TextShape(4, 1, 1, 4, 4, 4, 4, TextShape.Pool.MEAN); // not asked

    @Test
    void logitsLossAndGradientsAreThoseOfTheAuthors() {
        JsonNode golden = Golden.of("clip_loss");
        JsonNode config = golden.get("config");
        int d = config.get("D").asInt();
        Clip clip =
                new Clip(
                        new Clip.Config(TEXT, d, Vit.Pool.CLASS_TOKEN, 0.07),
                        new VitShape(4, 1, 1, 1, 1));
        clip.trained().to(ScalarType.Double, false);
        Tensor scale = Objects.requireNonNull(Parameters.named(clip.trained()).get("logit_scale"));
        assertThat(golden.get("cases").size()).isPositive();
        for (JsonNode expected : golden.get("cases")) {
            try (NoGradGuard _ = new NoGradGuard()) {
                scale.fill_(new Scalar(expected.get("logit_scale_log").asDouble()));
            }
            scale.mutable_grad().reset();
            Tensor image = features(golden, config.get("image_t"));
            Tensor text = features(golden, config.get("text_t"));
            Tensor loss =
                    clip.loss(List.of(image, text), List.of(), new Progress(0, 1, 0, 0)).total();

            assertMatches("logits", clip.logits(image, text), expected.get("logits_per_image"));
            assertClose("loss", loss.item_double(), expected.get("loss"));
            loss.backward();
            assertMatches("gradient of images", image.grad(), expected.get("grad_image"));
            assertMatches("gradient of texts", text.grad(), expected.get("grad_text"));
            double ofScale = scale.grad().item_double();
            assertClose("gradient of the scale", ofScale, expected.get("grad_logit_scale"));
        }
    }

    /// `[B, D]`
    private static Tensor features(JsonNode golden, JsonNode t) {
        JsonNode config = golden.get("config");
        long b = config.get("B").asLong();
        Tensor features =
                Golden.signed(Golden.seed(golden), t.asLong(), b, config.get("D").asLong());
        return features.set_requires_grad(true);
    }
}
