package dev.isoflop.vit;

import dev.isoflop.budget.Work;
import dev.isoflop.fault.Check;

import java.util.List;
import java.util.Map;

/// The size of a text tower, BERT's.
///
/// Iulia Turc et al., *Well-Read Students Learn Better*, 2019,
/// [arXiv:1908.08962](https://arxiv.org/abs/1908.08962), whose "mini" and "medium" are the two
/// towers of Koppula et al. 2022.
///
/// Pure: prices and counts parameters without the native library.
///
/// @param width of a token, W
/// @param depth blocks
/// @param heads of attention; they divide the width
/// @param hidden width of each block's MLP
/// @param vocabulary ids there are: 0 to one less
/// @param positions that are learned
/// @param maxTokens of a text: every text is cut or padded to so many, special tokens included; at
///   most the positions. Koppula et al. 2022, section A.3, have "a maximum caption length of 55
///   characters": here 55 tokens, for a sentence of section 2.1 about 8 labels has 55 characters
///   before the first letter of a label, if each is joined to the next by " and "
/// @param maxCharacters of a text that are read before it is cut into tokens, its first; 0 for all.
///   55 is the study's sentence to the letter
/// @param pool how its tokens become the feature of a text
public record TextShape(
        int width,
        int depth,
        int heads,
        int hidden,
        int vocabulary,
        int positions,
        int maxTokens,
        int maxCharacters,
        Pool pool)
        implements Scalable {

    /// How the tokens of a text become its feature.
    public enum Pool {
        /// The mean of its tokens, padding left out.
        MEAN,
        /// Its first token, as it leaves the last block.
        FIRST_TOKEN,
        /// Its first token through one more layer and tanh, BERT's own.
        POOLER
    }

    /// The names that {@link #of} knows.
    public static final List<String> SIZES = List.of("mini", "medium");

    /// Kinds of text that BERT tells apart; a caption is of the first.
    static final int TOKEN_TYPES = 2;

    private static final int LEAST_TOKENS = 2; // one begins a text, one ends it
    private static final int VOCABULARY = 30_522; // of Google's uncased English models
    private static final int POSITIONS = 512; // of all of Google's models
    private static final int MAX_TOKENS = 55; // Koppula et al. 2022, section A.3, read as tokens
    private static final int ALL_CHARACTERS = 0;

    public TextShape {
        Check.that(width >= 1, "textWidth is %s; it must be at least 1", width);
        Check.that(depth >= 1, "textDepth is %s; it must be at least 1", depth);
        Check.that(
                heads >= 1 && width % heads == 0,
                "textHeads is %s; it must divide the text tower's width, %s",
                heads,
                width);
        Check.that(hidden >= 1, "textHidden is %s; it must be at least 1", hidden);
        Check.that(vocabulary >= 1, "vocabulary is %s; it must be at least 1", vocabulary);
        Check.that(positions >= 1, "textPositions is %s; it must be at least 1", positions);
        Check.that(
                maxTokens >= LEAST_TOKENS && maxTokens <= positions,
                "maxTokens is %s; it must lie between %s and the text tower's positions, %s",
                maxTokens,
                LEAST_TOKENS,
                positions);
        Check.that(
                maxCharacters >= 0,
                "maxCharacters is %s; it must not be negative, and 0 is for all",
                maxCharacters);
    }

    /// One for texts that are only cut by tokens.
    public TextShape(
            int width,
            int depth,
            int heads,
            int hidden,
            int vocabulary,
            int positions,
            int maxTokens,
            Pool pool) {
        this(width, depth, heads, hidden, vocabulary, positions, maxTokens, ALL_CHARACTERS, pool);
    }

    /// A tower of the study, `mini` or `medium`: of Google's size, vocabulary and positions, for
    /// captions of 55 tokens. How a caption is pooled they leave open; the mean, as Flamingo has
    /// it.
    ///
    /// @throws IllegalArgumentException naming the sizes there are
    public static TextShape of(String size) {
        return switch (size) {
            case "mini" -> preset(256, 4, 4);
            case "medium" -> preset(512, 8, 8);
            default ->
                    throw new IllegalArgumentException(
                            "textTower is \"%s\"; write one of %s".formatted(size, SIZES));
        };
    }

    private static TextShape preset(int width, int depth, int heads) {
        int hidden = VitShape.MLP_RATIO * width;
        return new TextShape(
                width, depth, heads, hidden, VOCABULARY, POSITIONS, MAX_TOKENS, Pool.MEAN);
    }

    /// The matrix products of one forward pass on one text, padding included; looking up embeddings
    /// is none.
    public Work work() {
        int n = maxTokens;
        int perHead = width / heads;
        Work blocks =
                Work.sum(
                                "blocks",
                                Work.product("queries, keys, values", 3, n, width, width),
                                Work.product("attention scores", heads, n, perHead, n),
                                Work.product("attention values", heads, n, n, perHead),
                                Work.product("attention output", 1, n, width, width),
                                Work.product("mlp in", 1, n, width, hidden),
                                Work.product("mlp out", 1, n, hidden, width))
                        .times(depth, "blocks");
        return switch (pool) {
            case MEAN, FIRST_TOKEN -> Work.sum("text tower", blocks);
            case POOLER ->
                    Work.sum("text tower", blocks, Work.product("pooler", 1, 1, width, width));
        };
    }

    /// Parameters, the pooler included whether or not it is used.
    public long parameters() {
        long w = width;
        long embeddings = ((long) vocabulary + positions + TOKEN_TYPES) * w + 2 * w;
        long attention = 4 * (w * w + w) + 2 * w;
        long mlp = 2 * w * hidden + hidden + w + 2 * w;
        long pooler = w * w + w;
        return embeddings + depth * (attention + mlp) + pooler;
    }

    @Override
    public Map<Size, Long> sizes() {
        return Map.of(Size.SECOND_DEPTH, (long) depth, Size.WORDS, (long) vocabulary);
    }

    @Override
    public TextShape at(Map<Size, Long> sizes) {
        return new TextShape(
                width,
                Scalable.count(sizes, Size.SECOND_DEPTH),
                heads,
                hidden,
                Scalable.count(sizes, Size.WORDS),
                positions,
                maxTokens,
                maxCharacters,
                pool);
    }

    @Override
    public List<List<Size>> monomials() {
        return List.of(List.of(Size.SECOND_DEPTH), List.of(Size.WORDS));
    }
}
