package dev.isoflop.method;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.budget.Precision;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.train.Images;
import dev.isoflop.train.Panel;
import dev.isoflop.vit.DecoderShape;
import dev.isoflop.vit.VitShape;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/// Masked autoencoders: what they do with what they are shown.
class MaeTest {

    private static final VitShape SMALL = new VitShape(64, 2, 4, 8, 32);
    private static final Mae.Config HALF = new Mae.Config(0.5, new DecoderShape(32, 1, 4), false);

    @BeforeAll
    static void load() {
        LibTorch.load();
    }

    @Test
    void aPatchThatWasKeptAddsNothingToTheLoss() {
        Mae mae = new Mae(HALF, SMALL);
        Tensor images = torch.rand(2, 3, 32, 32);
        Mae.Reconstruction seen = mae.reconstruct(images, torch.rand(2, 16));
        Tensor removed = seen.mask().removed().unsqueeze(-1); // [B, N, 1]
        Tensor keptPainted =
                seen.painted().add(torch.rand_like(removed).mul(removed.sub(new Scalar(1))));
        Mae.Reconstruction other = new Mae.Reconstruction(seen.latent(), keptPainted, seen.mask());
        assertThat(mae.loss(images, other).item_double())
                .isEqualTo(mae.loss(images, seen).item_double());
    }

    @Test
    void itShowsTheImageWhatItIsShownOfItAndWhatItPaints() {
        Mae mae = new Mae(HALF, SMALL);
        Tensor images = torch.rand(3, 3, 32, 32);
        Panel panel = mae.panel(images).orElseThrow();
        assertThat(panel.rows()).hasSize(3);
        assertThat(panel.rows()).allMatch(row -> Arrays.equals(row.shape(), images.shape()));
        assertThat(panel.caption()).contains("the 50% of patches");
        double grey = panel.rows().get(1).eq(new Scalar(0)).sum().item_double();
        assertThat(grey / images.numel()).isEqualTo(0.5);
    }

    /// Small ones for the contract: chosen corners, and sizes drawn at random.
    static List<Instance<?>> instances(long seed) {
        List<Instance<?>> all = new ArrayList<>();
        DecoderShape tiny = new DecoderShape(32, 1, 4);
        DecoderShape deep = new DecoderShape(48, 3, 6);
        VitShape small = new VitShape(64, 2, 4, 8, 32);
        for (double ratio : new double[] {0.55, 0.65, 0.75, 0.85}) {
            all.add(of(new Mae.Config(ratio, tiny, true), small, 4, 4, Precision.F32));
        }
        all.add(of(new Mae.Config(0.75, deep, false), small, 6, 2, Precision.F32));
        all.add(of(new Mae.Config(0.75, deep, true), small, 5, 2, Precision.BF16));
        all.add(of(new Mae.Config(0.75, deep, true), small, 1, 1, Precision.F32));
        all.add(of(Mae.Config.DEFAULT, VitShape.of("Ti/16", 96), 2, 2, Precision.F32));
        Random random = new Random(seed);
        for (int i = 0; i < 6; i++) {
            int heads = 1 + random.nextInt(4);
            VitShape shape = Shapes.random(random, heads);
            DecoderShape decoder = new DecoderShape(24 * heads, 1 + random.nextInt(3), heads);
            double ratio = 0.3 + 0.4 * random.nextDouble();
            int batch = 1 + random.nextInt(6);
            Mae.Config mae = new Mae.Config(ratio, decoder, random.nextBoolean());
            all.add(of(mae, shape, batch, 1 + random.nextInt(batch), Precision.F32));
        }
        return all;
    }

    private static Instance<Images> of(
            Mae.Config mae, VitShape shape, int batch, int atOnce, Precision precision) {
        int side = shape.image();
        return new Instance<>(
                mae,
                shape,
                batch,
                atOnce,
                precision,
                () -> new Mae(mae, shape),
                n -> new Images(torch.rand(n, 3, side, side)));
    }
}
