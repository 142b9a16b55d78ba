package dev.isoflop.vit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.budget.Precision;
import dev.isoflop.torch.Engine;
import dev.isoflop.torch.LibTorch;

import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.util.List;

class BlockTest {

    private static final Device CPU = new Device("cpu");

    @BeforeAll
    static void load() {
        LibTorch.load();
        torch.manual_seed(5);
    }

    @Test
    void inBfloat16ABlockAndItsGradientAreAlmostThoseOf32Bits() {
        Block block = new Block(48, 3, Init::xavier);
        Tensor x = torch.randn(2, 65, 48);
        Tensor slope = torch.randn(2, 65, 48);
        List<Tensor> exact = outputAndGradient(block, x, slope, Precision.F32);
        List<Tensor> rounded = outputAndGradient(block, x, slope, Precision.BF16);
        for (int i = 0; i < exact.size(); i++) {
            Tensor apart = rounded.get(i).sub(exact.get(i)).norm(new Scalar(2));
            double share = apart.div(exact.get(i).norm(new Scalar(2))).item_double();
            assertThat(share).isBetween(1e-6, 0.01);
        }
    }

    private static List<Tensor> outputAndGradient(
            Block block, Tensor x, Tensor slope, Precision precision) {
        Tensor read = x.detach().clone();
        read.set_requires_grad(true);
        Tensor output;
        try (Engine.Autocast _ = Engine.autocast(CPU, precision)) {
            output = block.forward(read);
        }
        output.mul(slope).sum().backward();
        return List.of(output.detach(), read.grad().clone());
    }
}
