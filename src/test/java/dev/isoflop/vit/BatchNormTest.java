package dev.isoflop.vit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.isoflop.golden.Golden;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.torch.Ops;
import dev.isoflop.torch.Parameters;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.util.Map;
import java.util.Objects;

class BatchNormTest {

    private final Tensor columns = Ops.tensor(new double[] {1, 10, 3, 10, 5, 40}, 3, 2);

    @BeforeAll
    static void load() {
        LibTorch.load();
    }

    private static BatchNorm norm(boolean shifted) {
        BatchNorm norm = new BatchNorm(2, shifted);
        norm.to(ScalarType.Double, false);
        return norm;
    }

    @Test
    void aColumnHasMeanZeroAndVarianceOneOverTheBatch() {
        double[] y = Golden.doubles(norm(true).forward(columns));
        double third = 1 / Math.sqrt(8.0 / 3 + 1e-5);
        assertThat(y[0]).isCloseTo(-2 * third, within(1e-12));
        assertThat(y[2]).isCloseTo(0, within(1e-12));
        assertThat(y[4]).isCloseTo(2 * third, within(1e-12));
        assertThat(y[1] + y[3] + y[5]).isCloseTo(0, within(1e-12));
    }

    @Test
    void runningStatisticsKeepNineTenthsOfThemselves() {
        BatchNorm norm = norm(true);
        norm.forward(columns);
        Map<String, Tensor> kept = Parameters.buffers(norm);
        double[] mean = Golden.doubles(Objects.requireNonNull(kept.get("running_mean")));
        double[] variance = Golden.doubles(Objects.requireNonNull(kept.get("running_var")));
        assertThat(mean).containsExactly(new double[] {0.3, 2}, within(1e-12));
        assertThat(variance).containsExactly(new double[] {0.9 + 0.4, 0.9 + 30}, within(1e-12));
    }

    @Test
    void whatIsNotShiftedHasNoBias() {
        assertThat(Parameters.named(norm(false))).containsOnlyKeys("weight");
        assertThat(Parameters.named(norm(true))).containsOnlyKeys("weight", "bias");
    }
}
