package dev.isoflop.finetune;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.data.MaskLabels;
import dev.isoflop.data.World;
import dev.isoflop.data.loader.Chunk;
import dev.isoflop.data.loader.Loader;
import dev.isoflop.image.View;
import dev.isoflop.torch.Engine;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.train.Masked;
import dev.isoflop.trainer.LoaderBatches;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

import java.lang.foreign.ValueLayout;
import java.nio.LongBuffer;
import java.util.List;

/// What segmentation is handed.
class MaskedBatchingTest {

    private static final List<View> VIEWS = List.of(View.segmentation(32));

    @Test
    void labelsAreThoseOfTheLoaderAsWholeNumbers() {
        LibTorch.load();
        World world = new World.Config(12, 40, 1).open();
        MaskLabels masks = MaskLabels.of(world);
        Loader.Settings settings = new Loader.Settings(4, 4, 42, 2, 2, 1);
        try (PointerScope _ = new PointerScope();
                Loader plain = Loader.withMasks(world, VIEWS, masks, settings, 0, 8);
                Loader loader = Loader.withMasks(world, VIEWS, masks, settings, 0, 8)) {
            var views =
                    new LoaderBatches<Masked>(
                            loader,
                            VIEWS,
                            4,
                            Engine.device("cpu"),
                            ScalarType.Float,
                            new MaskedBatching());
            for (int step = 0; step < 2; step++) {
                Masked batch = views.next(4);
                assertThat(batch.pixels().shape()).containsExactly(4, 3, 32, 32);
                assertThat(batch.labels().shape()).containsExactly(4, 32, 32);
                assertThat(batch.labels().scalar_type().intern()).isEqualTo(ScalarType.Long);
                LongBuffer labels = batch.labels().createBuffer();
                try (Chunk chunk = plain.take()) {
                    byte[] wanted = chunk.labels(0).toArray(ValueLayout.JAVA_BYTE);
                    for (int i = 0; i < wanted.length; i++) {
                        assertThat(labels.get(i)).isEqualTo(wanted[i] & 0xff);
                        assertThat(wanted[i] & 0xff)
                                .satisfiesAnyOf(
                                        label -> assertThat(label).isLessThan(masks.names().size()),
                                        label -> assertThat(label).isEqualTo(Masked.IGNORED));
                    }
                }
            }
        }
        assertThat(MaskLabels.IGNORED).isEqualTo(Masked.IGNORED);
    }
}
