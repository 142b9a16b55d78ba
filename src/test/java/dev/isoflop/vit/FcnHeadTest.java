package dev.isoflop.vit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.isoflop.budget.Precision;
import dev.isoflop.golden.Golden;
import dev.isoflop.torch.Engine;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.torch.Ops;
import dev.isoflop.torch.Parameters;
import dev.isoflop.vit.FcnHeadShape.Norm;

import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
        FcnHead head = new FcnHead(new FcnHeadShape(16, 2, 1, false, Norm.NONE), 48, classes);
        Tensor map = torch.randn(2, 48, 14, 14);
        Tensor slope = torch.randn(2, classes, 14, 14);
        List<Tensor> exact = scoresAndGradients(head, map, slope, Precision.F32);
        List<Tensor> rounded = scoresAndGradients(head, map, slope, Precision.BF16);
        for (int i = 0; i < exact.size(); i++) {
            double apart = norm(rounded.get(i).sub(exact.get(i))) / norm(exact.get(i));
            assertThat(apart).as("number %s of scores and gradients", i).isLessThan(0.1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 6})
    void aDilatedConvolutionReadsTokensThatFarApartAndZerosBeyondTheBorder(int dilation) {
        for (boolean joined : new boolean[] {false, true}) {
            FcnHead head = new FcnHead(new FcnHeadShape(3, 2, dilation, joined, Norm.NONE), 5, 2);
            head.to(ScalarType.Double, false);
            Map<String, Tensor> named = Parameters.named(head);
            named.values().forEach(p -> p.detach().copy_(torch.randn(Ops.sizes(p))));
            Tensor map = torch.randn(1, 5, 9, 7).to(ScalarType.Double);
            Maps x = Maps.of(map);
            Maps first = x.convolved(named, "convs.0.conv", dilation).rectified();
            Maps last = first.convolved(named, "convs.1.conv", dilation).rectified();
            if (joined) { // which mmsegmentation never dilates
                last = x.beside(last).convolved(named, "conv_cat.conv", 1).rectified();
            }
            double[] wanted = last.convolved(named, "conv_seg", 1).values;
            assertThat(Golden.doubles(head.predict(map)))
                    .as("dilation %s, joined %s", dilation, joined)
                    .containsExactly(wanted, within(1e-10));
        }
    }

    /// Maps of features `[C, H, W]`, and convolutions summed one product after the other.
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Maps(int channels, int height, int width, double[] values) {

        static Maps of(Tensor map) {
            long[] s = Ops.sizes(map);
            return new Maps((int) s[1], (int) s[2], (int) s[3], Golden.doubles(map));
        }

        double at(int c, int y, int x) {
            boolean inside = y >= 0 && y < height && x >= 0 && x < width;
            return inside ? values[(c * height + y) * width + x] : 0;
        }

        Maps convolved(Map<String, Tensor> named, String name, int dilation) {
            Tensor weight = Objects.requireNonNull(named.get(name + ".weight"));
            double[] w = Golden.doubles(weight);
            double[] shift = Golden.doubles(Objects.requireNonNull(named.get(name + ".bias")));
            int side = (int) weight.size(2);
            double[] sums = new double[shift.length * height * width];
            for (int i = 0; i < sums.length; i++) {
                int out = i / (height * width);
                int y = i / width % height;
                int x = i % width;
                sums[i] = shift[out];
                for (int k = 0; k < channels * side * side; k++) {
                    int down = dilation * (k / side % side - side / 2);
                    int across = dilation * (k % side - side / 2);
                    sums[i] +=
                            w[out * channels * side * side + k]
                                    * at(k / (side * side), y + down, x + across);
                }
            }
            return new Maps(shift.length, height, width, sums);
        }

        Maps rectified() {
            double[] positive = Arrays.stream(values).map(v -> Math.max(0, v)).toArray();
            return new Maps(channels, height, width, positive);
        }

        Maps beside(Maps other) {
            double[] both = Arrays.copyOf(values, values.length + other.values.length);
            System.arraycopy(other.values, 0, both, values.length, other.values.length);
            return new Maps(channels + other.channels, height, width, both);
        }
    }

    @Test
    void dilationChangesNeitherTheParametersNorThePrice() {
        FcnHeadShape near = new FcnHeadShape(256, 2, 1, false, Norm.BATCH);
        FcnHeadShape far = new FcnHeadShape(256, 2, 6, false, Norm.BATCH);
        assertThat(far.parameters(768, 150)).isEqualTo(near.parameters(768, 150));
        assertThat(far.work(1024, 768, 150)).isEqualTo(near.work(1024, 768, 150));
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
