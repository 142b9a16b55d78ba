package dev.isoflop.vit;

import static dev.isoflop.torch.Ops.concatenated;
import static dev.isoflop.torch.Ops.registered;

import dev.isoflop.torch.Ops;
import dev.isoflop.torch.Part;

import org.bytedeco.pytorch.LayerNormImpl;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

import java.util.ArrayList;
import java.util.List;

/// The decoder of a masked autoencoder: a narrow transformer that sees every place, and a mask
/// token where nothing was kept.
///
/// Kaiming He et al., CVPR 2022, section 3. Parameters carry the authors' names without their
/// `decoder_`.
///
/// Shapes: B images, N patches of V values, K kept, D the encoder's width, E the decoder's.
public final class Decoder extends Module {

    private final long patches;
    private final int width;
    private final Tensor maskToken;
    private final Tensor positions;
    private final LinearImpl embedding;
    private final Module list = new Module("blocks");
    private final List<Block> blocks = new ArrayList<>();
    private final LayerNormImpl norm;
    private final LinearImpl prediction;

    /// A decoder for the tokens of such an encoder.
    public Decoder(DecoderShape shape, VitShape encoder) {
        patches = encoder.patches();
        width = shape.width();
        maskToken = registered(this, "mask_token", Init.token(width), true);
        positions =
                registered(this, "pos_embed", PositionTable.fixed(width, encoder.grid()), false);
        embedding = register_module("embed", Init.xavier(new LinearImpl(encoder.width(), width)));
        register_module("blocks", list);
        for (int i = 0; i < shape.depth(); i++) {
            Block block = new Block(width, shape.heads(), Init::xavier);
            blocks.add(list.register_module(Integer.toString(i), block));
        }
        norm = register_module("norm", Init.norm(width, Block.NORM_EPSILON));
        prediction =
                register_module("pred", Init.xavier(new LinearImpl(width, encoder.patchValues())));
    }

    /// Paints every patch.
    ///
    /// @param latent the encoder's tokens, class token first, `[B, 1 + K, D]`
    /// @param restore where each patch stands in the shuffled order, `[B, N]`
    /// @return `[B, N, V]`
    public Tensor forward(Tensor latent, Tensor restore) {
        return Part.DECODER.of(() -> painted(latent, restore));
    }

    private Tensor painted(Tensor latent, Tensor restore) {
        long b = latent.size(0);
        Tensor seen = embedding.forward(latent); // [B, 1 + K, E]
        long k = seen.size(1) - 1;
        Tensor masks =
                maskToken.to(seen.scalar_type()).expand(b, patches - k, width); // [B, N - K, E]
        Tensor shuffled = concatenated(1, seen, masks); // [B, 1 + N, E]
        Tensor classFirst = torch.zeros(new long[] {b, 1}, Ops.like(restore)); // [B, 1]
        Tensor order = concatenated(1, classFirst, restore.add(new Scalar(1))); // [B, 1 + N]
        Tensor x = Patches.selected(shuffled, order).add(positions); // [B, 1 + N, E]
        for (Block block : blocks) {
            x = block.forward(x); // [B, 1 + N, E]
        }
        return prediction.forward(norm.forward(x)).narrow(1, 1, patches); // [B, N, V]
    }
}
