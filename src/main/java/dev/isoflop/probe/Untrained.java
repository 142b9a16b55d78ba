package dev.isoflop.probe;

import dev.isoflop.vit.Vit;
import dev.isoflop.vit.VitStyle;

import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

import java.util.Locale;

/// The untrained twin of an encoder: the same network, whoever trained it, with weights as a seed
/// begins them.
final class Untrained {

    private Untrained() {}

    /// Builds the twin on the CPU. libtorch's generator goes on afterwards as if nothing had been
    /// drawn from it.
    ///
    /// @param like whose size, positions, feature and style it has
    static Vit of(Vit like, long seed) {
        try (Generator generator = torch.getDefaultCPUGenerator();
                Tensor before = generator.get_state()) { // [bytes]
            try {
                generator.set_current_seed(seed);
                return new Vit(like.shape(), like.kind(), like.pool(), like.style());
            } finally {
                generator.set_state(before);
            }
        }
    }

    /// What network it is, in words: `ViT-192x4x3/8 at 64, learned positions, class token`.
    static String words(Vit like) {
        VitStyle style = like.style();
        return "%s at %s, %s positions, %s%s"
                .formatted(
                        like.shape().name(),
                        like.shape().image(),
                        word(like.kind()),
                        word(like.pool()),
                        style.equals(VitStyle.TIMM)
                                ? ""
                                : ", %s%s, norms with epsilon %s"
                                        .formatted(
                                                word(style.activation()),
                                                style.normFirst() ? ", normed first" : "",
                                                style.normEpsilon()));
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
