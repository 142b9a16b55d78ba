package dev.isoflop.vit;

import static dev.isoflop.torch.Ops.registered;
import static dev.isoflop.torch.Ops.times;

import static org.bytedeco.pytorch.global.torch.embedding;
import static org.bytedeco.pytorch.global.torch.tanh;

import dev.isoflop.fault.Check;
import dev.isoflop.torch.Ops;
import dev.isoflop.torch.Part;

import org.bytedeco.pytorch.LayerNormImpl;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

import java.util.ArrayList;
import java.util.List;

/// A text as one vector: Google's BERT.
///
/// Jacob Devlin et al., *BERT: Pre-training of Deep Bidirectional Transformers for Language
/// Understanding*, NAACL 2019, [arXiv:1810.04805](https://arxiv.org/abs/1810.04805), number for
/// number as pytorch-pretrained-bert 0.6.2 has it: norms after the additions, exact GELU, learned
/// positions, a type of token. Names of parameters are those of that code, so that weights travel.
///
/// Differs from BERT's training: no dropout.
///
/// Shapes: B texts of T tokens, padding included, W width.
public final class TextTower extends Module {

    /// Of every layer norm of BERT.
    static final double NORM_EPSILON = 1e-12;

    private static final double UNSEEN = -10_000; // BERT's, added to the scores of padding

    private final TextShape shape;
    private final Tensor words;
    private final Tensor positions;
    private final Tensor types;
    private final Module embeddings = new Module("embeddings");
    private final List<Module> tables = new ArrayList<>();
    private final LayerNormImpl norm;
    private final Module encoder = new Module("encoder");
    private final Module list = new Module("layer");
    private final List<TextBlock> blocks = new ArrayList<>();
    private final Module pooler = new Module("pooler");
    private final LinearImpl dense;

    /// Makes a tower with BERT's pooler, which stays as it began unless it speaks for a text.
    public TextTower(TextShape shape) {
        this.shape = shape;
        int w = shape.width();
        register_module("embeddings", embeddings);
        words = table("word_embeddings", shape.vocabulary());
        positions = table("position_embeddings", shape.positions());
        types = table("token_type_embeddings", TextShape.TOKEN_TYPES);
        norm = embeddings.register_module("LayerNorm", Init.norm(w, NORM_EPSILON));
        register_module("encoder", encoder).register_module("layer", list);
        for (int i = 0; i < shape.depth(); i++) {
            blocks.add(list.register_module(Integer.toString(i), new TextBlock(shape)));
        }
        register_module("pooler", pooler);
        dense = pooler.register_module("dense", Init.normal(new LinearImpl(w, w)));
    }

    /// Rows that are learned, `[rows, W]`.
    private Tensor table(String name, int rows) {
        Module table = embeddings.register_module(name, new Module(name));
        tables.add(table);
        return registered(table, "weight", Init.rows(rows, shape.width()), true);
    }

    /// One vector a text.
    ///
    /// @param ids of tokens, `[B, T]` of 64-bit integers
    /// @param lengths tokens of each text without padding, at least 1, `[B]` of 64-bit integers
    /// @return `[B, W]`
    /// @throws IllegalArgumentException for an id out of the vocabulary, and texts of another
    ///   length
    public Tensor forward(Tensor ids, Tensor lengths) {
        return Part.TEXT_TOWER.of(() -> pooled(ids, lengths));
    }

    private Tensor pooled(Tensor ids, Tensor lengths) {
        Tensor tokens = tokens(ids, lengths); // [B, T, W]
        return switch (shape.pool()) {
            case MEAN -> {
                Tensor seen = padding(lengths, ids.size(1)).logical_not(); // [B, T]
                Tensor kept = tokens.mul(seen.unsqueeze(-1)); // [B, T, W]
                yield kept.sum(1).div(lengths.unsqueeze(-1)); // [B, W]
            }
            case FIRST_TOKEN -> tokens.select(1, 0); // [B, W]
            case POOLER -> tanh(dense.forward(tokens.select(1, 0))); // [B, W]
        };
    }

    /// Every token as it leaves the last block.
    ///
    /// @param ids `[B, T]`
    /// @param lengths `[B]`
    /// @return `[B, T, W]`
    public Tensor tokens(Tensor ids, Tensor lengths) {
        long t = ids.size(1);
        check(ids);
        Tensor places = positions.narrow(0, 0, t); // [T, W]
        Tensor type = types.narrow(0, 0, 1); // [1, W]
        Tensor x = norm.forward(embedding(words, ids).add(places).add(type)); // [B, T, W]
        Tensor padding = padding(lengths, t).to(x.scalar_type()); // [B, T]
        Tensor mask = times(padding, UNSEEN).view(ids.size(0), 1, 1, t); // [B, 1, 1, T]
        for (TextBlock block : blocks) {
            x = block.forward(x, mask); // [B, T, W]
        }
        return x;
    }

    /// Where a text has ended: `[B, T]`, true or false.
    private static Tensor padding(Tensor lengths, long t) {
        return Ops.count(t, lengths).ge(lengths.unsqueeze(1)); // [B, T]
    }

    private void check(Tensor ids) {
        Check.that(
                ids.size(1) == shape.maxTokens(),
                "ids has texts of %s tokens; cut or pad them to %s",
                ids.size(1),
                shape.maxTokens());
        Scalar size = new Scalar(shape.vocabulary());
        Tensor outside = ids.lt(new Scalar(0)).logical_or(ids.ge(size)); // [B, T]
        if (outside.any().item_bool()) {
            throw new IllegalArgumentException(
                    String.format(
                            "ids has %s; the vocabulary has %s ids, 0 to %s: encode the texts with"
                                    + " the tokenizer of this vocabulary",
                            ids.masked_select(outside).select(0, 0).item_long(),
                            shape.vocabulary(),
                            shape.vocabulary() - 1));
        }
    }
}
