package dev.isoflop.encoder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.torch.LibTorch;
import dev.isoflop.torch.Ops;
import dev.isoflop.torch.Parameters;
import dev.isoflop.torch.SafetensorsHeader.Dtype;
import dev.isoflop.vit.Positions;
import dev.isoflop.vit.Vit;
import dev.isoflop.vit.VitShape;
import dev.isoflop.vit.VitStyle;

import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A card says what network numbers belong to.
class CardTest {

    private static final VitShape SHAPE = new VitShape(32, 2, 2, 8, 16);

    @Test
    void itsParametersAreThoseOfItsNetworkInItsOrder() {
        LibTorch.load();
        for (Vit.Pool pool : Vit.Pool.values()) {
            for (VitStyle style : List.of(VitStyle.TIMM, VitStyle.CLIP)) {
                Vit vit = new Vit(SHAPE, Positions.LEARNED, pool, style);
                Card card = Card.of(vit, "a test");
                List<String> ofCard = new ArrayList<>();
                card.forms(Dtype.F32)
                        .forEach((name, form) -> ofCard.add(name + " " + form.shape()));
                List<String> ofNetwork = new ArrayList<>();
                Parameters.named(vit)
                        .forEach((name, tensor) ->
                                ofNetwork.add(name + " " + Arrays.toString(Ops.sizes(tensor))));
                assertThat(ofCard).isEqualTo(ofNetwork);
            }
        }
    }

    @Test
    void itIsUnderstoodAsItWasWritten() {
        for (VitStyle style : List.of(VitStyle.TIMM, VitStyle.CLIP)) {
            Card card =
                    new Card(SHAPE, Positions.SINE_COSINE, Vit.Pool.MEAN_OF_PATCHES, style, "here");
            assertThat(Card.in(Path.of("x"), card.metadata())).contains(card);
        }
    }

    @Test
    void pythonIsToldWhatTimmDoesNotAssume() {
        Card plain =
                new Card(
                        VitShape.of("B/16", 224),
                        Positions.LEARNED,
                        Vit.Pool.CLASS_TOKEN,
                        VitStyle.TIMM,
                        "x");
        assertThat(Timm.call(plain))
                .isEqualTo(
                        "timm.models.vision_transformer.VisionTransformer(img_size=224,"
                                + " patch_size=16, embed_dim=768, depth=12, num_heads=12,"
                                + " num_classes=0, global_pool='token')");
        Card clip =
                new Card(SHAPE, Positions.LEARNED, Vit.Pool.MEAN_OF_PATCHES, VitStyle.CLIP, "x");
        assertThat(Timm.call(clip))
                .endsWith(
                        "global_pool='avg', norm_layer=functools.partial(torch.nn.LayerNorm,"
                                + " eps=1.0E-5), act_layer='quick_gelu', pre_norm=True)");
    }
}
