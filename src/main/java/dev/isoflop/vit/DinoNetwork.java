package dev.isoflop.vit;

import static dev.isoflop.torch.Ops.tensor;

import dev.isoflop.torch.Part;

import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

import java.util.List;

/// DINO's student, or its teacher: an encoder with learned positions, and a head.
///
/// Mathilde Caron et al., ICCV 2021. Names of parameters are those of the authors' code.
///
/// Shapes: B images, V views of each, D width, K prototypes.
public final class DinoNetwork extends Module {

    private final double dropPath;
    private final Vit backbone;
    private final DinoHead head;

    /// @param dropPath rate of stochastic depth in the last block
    public DinoNetwork(VitShape encoder, DinoHeadShape shape, double dropPath) {
        this.dropPath = dropPath;
        Vit vit = new Vit(encoder, Positions.LEARNED, Vit.Pool.CLASS_TOKEN);
        backbone = register_module("backbone", vit);
        head = register_module("head", new DinoHead(shape, encoder.width()));
    }

    public Vit backbone() {
        return backbone;
    }

    public DinoHead head() {
        return head;
    }

    /// The logits of images of the encoder's size, nothing left out.
    ///
    /// @param images `[B, 3, S, S]`
    /// @return `[B, K]`
    public Tensor forward(Tensor images) {
        return head.forward(backbone.forward(images));
    }

    /// The same, said by the one that teaches.
    ///
    /// @param images `[B, 3, S, S]`
    /// @return `[B, K]`
    public Tensor taught(Tensor images) {
        return Part.TEACHER.of(() -> forward(images));
    }

    /// Random numbers that one view needs.
    public int draws() {
        return DropPath.draws(backbone.shape().depth());
    }

    /// The class token of every view, one pass of the encoder a resolution.
    ///
    /// @param b images
    /// @param views of each resolution as one batch, the first view of every image first
    /// @param uniform numbers in `[0, 1)`, `[B, V, draws]`, flat
    /// @return `[V B, D]`
    public Tensor tokens(long b, List<Tensor> views, double[] uniform) {
        long v = uniform.length / (b * draws());
        Tensor byImage = tensor(uniform, views.getFirst(), b, v, draws()); // [B, V, draws]
        Tensor byView = byImage.transpose(0, 1).flatten(0, 1); // [V B, draws]
        TensorVector tokens = new TensorVector();
        long row = 0;
        for (Tensor batch : views) {
            Tensor numbers = byView.narrow(0, row, batch.size(0)); // [., draws]
            DropPath drop = DropPath.rising(dropPath, backbone.shape().depth(), numbers);
            tokens.push_back(backbone.forward(batch, drop)); // [., D]
            row += batch.size(0);
        }
        return torch.cat(tokens, 0); // [V B, D]
    }
}
