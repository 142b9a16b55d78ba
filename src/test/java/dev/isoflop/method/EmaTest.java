package dev.isoflop.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.isoflop.golden.Golden;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.torch.Parameters;

import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.util.Map;

class EmaTest {

    @BeforeAll
    static void load() {
        LibTorch.load();
    }

    private final Module online = network("layer", "predictor");
    private final Module target = network("layer");

    private static Module network(String... layers) {
        Module network = new Module("network");
        for (String layer : layers) {
            network.register_module(layer, new LinearImpl(5, 3));
        }
        return network;
    }

    private static double[] weights(Module network) {
        Map<String, Tensor> parameters = Parameters.named(network);
        return Golden.doubles(parameters.getOrDefault("layer.weight", new Tensor()));
    }

    @Test
    void withMomentumOneNothingMoves() {
        double[] before = weights(target);
        Ema.drift(target, online, 1);
        assertThat(weights(target)).isEqualTo(before);
    }

    @Test
    void withMomentumZeroItIsACopy() {
        assertThat(weights(target)).isNotEqualTo(weights(online));
        Ema.drift(target, online, 0);
        assertThat(weights(target)).isEqualTo(weights(online));
    }

    @Test
    void itKeepsTheMomentumsShareOfItself() {
        double[] before = weights(target);
        double[] other = weights(online);
        Ema.drift(target, online, 0.9);
        double[] after = weights(target);
        assertThat(weights(online)).isEqualTo(other);
        for (int i = 0; i < after.length; i++) {
            assertThat(after[i]).isCloseTo(0.9 * before[i] + 0.1 * other[i], within(1e-7));
        }
    }

    @Test
    void aFrozenNetworkHasNoGradient() {
        assertThat(Parameters.named(Ema.frozen(target)).values())
                .noneMatch(Tensor::requires_grad)
                .hasSize(2);
    }

    @Test
    void whatTheOnlineNetworkLacksIsNamed() {
        assertThatThrownBy(() -> Ema.drift(online, target, 0.5))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("predictor.weight");
    }
}
