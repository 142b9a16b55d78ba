package dev.isoflop.vit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.budget.Precision;
import dev.isoflop.torch.Engine;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.torch.Parameters;
import dev.isoflop.vit.FcnHeadShape.Norm;

import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

class FcnHeadTest {

    @BeforeAll
    static void load() {
        LibTorch.load();
        torch.manual_seed(5);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 7, 21})
    void roundedToBfloat16ItsScoresAndGradientsAreAlmostTheSame(int classes) {
        FcnHead head = new FcnHead(new FcnHeadShape(16, 2, false, Norm.NONE), 48, classes);
        Tensor map = torch.randn(2, 48, 14, 14);
        Tensor slope = torch.randn(2, classes, 14, 14);
        List<Tensor> exact = scoresAndGradients(head, map, slope, Precision.F32);
        List<Tensor> rounded = scoresAndGradients(head, map, slope, Precision.BF16);
        for (int i = 0; i < exact.size(); i++) {
            double apart = norm(rounded.get(i).sub(exact.get(i))) / norm(exact.get(i));
            assertThat(apart).as("number %s of scores and gradients", i).isLessThan(0.1);
        }
    }

    private static List<Tensor> scoresAndGradients(
            FcnHead head, Tensor map, Tensor slope, Precision precision) {
        Tensor x = map.detach().clone();
        x.set_requires_grad(true);
        head.zero_grad(false);
        Tensor scores;
        try (Engine.Autocast _ = Engine.autocast(new Device("cpu"), precision)) {
            scores = head.forward(x, UnaryOperator.identity());
        }
        scores.mul(slope).sum().backward();
        List<Tensor> all = new ArrayList<>(List.of(scores.detach(), x.grad().clone()));
        Parameters.named(head).values().forEach(p -> all.add(p.grad().clone()));
        return all;
    }

    private static double norm(Tensor x) {
        return x.norm(new Scalar(2)).item_double();
    }
}
