package dev.isoflop.task;

import static dev.isoflop.golden.Golden.assertClose;
import static dev.isoflop.golden.Golden.assertMatches;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.golden.Golden;
import dev.isoflop.task.Segmentation.Average;
import dev.isoflop.torch.Ops;
import dev.isoflop.torch.Parameters;
import dev.isoflop.train.Masked;
import dev.isoflop.vit.FcnHead;
import dev.isoflop.vit.FcnHeadShape;
import dev.isoflop.vit.FcnHeadShape.Norm;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;

import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;

/// Case `fcn_head`: mmsegmentation's head, with its upsampling and both averages of its loss.
class FcnHeadGoldenTest {

    private static final int IMAGES = 2; // stated by the shapes of what comes out

    @Test
    void scoresLossesAndGradientsAreThoseOfTheAuthors() {
        JsonNode golden = Golden.of("fcn_head");
        JsonNode config = golden.get("config");
        long seed = Golden.seed(golden);
        long grid = config.get("grid").asLong();
        long up = config.get("up").asLong();
        int in = config.get("cin").asInt();
        int classes = config.get("classes").asInt();
        assertThat(golden.get("cases")).hasSize(4);
        for (JsonNode expected : golden.get("cases")) {
            FcnHead head = head(config, expected, in, classes);
            Golden.fill(
                    expected.get("params"), seed, Parameters.named(head), name -> name, Map.of());
            long t = config.get("input_t").asLong();
            Tensor map = Golden.signed(seed, t, IMAGES, in, grid, grid);
            map.set_requires_grad(true);
            Tensor logits = head.forward(map, UnaryOperator.identity());
            assertMatches("logits", logits, expected.get("logits"));
            Tensor upsampled = Ops.bilinear(logits, up, up);
            assertMatches("upsampled", upsampled, expected.get("upsampled"));
            Tensor labels = labels(config, seed, classes, up);
            Tensor all = PixelLoss.of(logits, labels, Average.ALL).mean();
            assertClose("all", all.item_double(), expected.get("loss_mmseg_avg_non_ignore_False"));
            Tensor valid = PixelLoss.of(logits, labels, Average.VALID).mean();
            assertClose("valid", valid.item_double(), expected.get("loss_mean_over_valid"));
            valid.backward();
            assertMatches("gradient of the map", map.grad(), expected.get("grad_input"));
            assertGradients(head, expected.get("grads"));
        }
    }

    private static FcnHead head(JsonNode config, JsonNode expected, int in, int classes) {
        Norm norm = expected.get("norm").isNull() ? Norm.NONE : Norm.BATCH;
        boolean joined = expected.get("concat_input").asBoolean();
        FcnHeadShape shape = new FcnHeadShape(config.get("ch").asInt(), 2, 1, joined, norm);
        FcnHead head = new FcnHead(shape, in, classes);
        head.to(ScalarType.Double, false);
        assertThat(Parameters.named(head).values().stream().mapToLong(Tensor::numel).sum())
                .isEqualTo(shape.parameters(in, classes));
        return head;
    }

    /// `floor(U * (K + 1))`, of which K is no label.
    private static Tensor labels(JsonNode config, long seed, int classes, long up) {
        long t = config.get("label_t").asLong();
        int n = Math.toIntExact(IMAGES * up * up);
        double[] values = new double[n];
        for (int i = 0; i < n; i++) {
            double label = Math.floor(Golden.u(seed, t, i) * (classes + 1));
            values[i] = label == classes ? Masked.IGNORED : label;
        }
        return Ops.tensor(values, IMAGES, up, up).to(ScalarType.Long);
    }

    private static void assertGradients(FcnHead head, JsonNode expected) {
        Map<String, Tensor> parameters = Parameters.named(head);
        assertThat(expected).isNotEmpty();
        expected.properties()
                .forEach(e ->
                        assertMatches(
                                "gradient of " + e.getKey(),
                                Objects.requireNonNull(parameters.get(e.getKey())).grad(),
                                e.getValue()));
    }
}
