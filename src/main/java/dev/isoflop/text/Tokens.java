package dev.isoflop.text;

import java.util.Arrays;

/// A caption as numbers: `[CLS]`, its pieces, `[SEP]`, and `[PAD]` up to a fixed length.
public final class Tokens {

    private final int[] ids;
    private final int count;

    public Tokens(int[] ids, int count) {
        this.ids = ids;
        this.count = count;
    }

    /// The ids, padded; not a copy.
    public int[] ids() {
        return ids;
    }

    /// How many of them are real, `[CLS]` and `[SEP]` among them; the rest is `[PAD]`.
    public int count() {
        return count;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Tokens that && count == that.count && Arrays.equals(ids, that.ids);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(ids) + count;
    }

    @Override
    public String toString() {
        return count + " of " + Arrays.toString(ids);
    }
}
