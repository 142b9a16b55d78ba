package dev.isoflop.train;

import dev.isoflop.fault.Check;
import dev.isoflop.text.Tokens;
import dev.isoflop.torch.Ops;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.util.List;

/// One view of each image and a caption of it, as ids of tokens.
///
/// @param pixels `[B, 3, S, S]`, normalised
/// @param ids of tokens, padded to the same length, `[B, T]` of 64-bit integers
/// @param lengths tokens of each caption without padding, `[B]` of 64-bit integers
public record Captioned(Tensor pixels, Tensor ids, Tensor lengths) {

    /// A batch of one view of each example and a caption of it.
    ///
    /// @param pixels `[B, 3, S, S]`
    /// @param captions in the order of the rows, padded to the same length
    public static Captioned of(Tensor pixels, List<Tokens> captions) {
        return of(
                pixels,
                captions.stream().map(Tokens::ids).toArray(int[][]::new),
                captions.stream().mapToInt(Tokens::count).toArray());
    }

    /// A batch from what a tokenizer made, on the device of the images.
    ///
    /// @param pixels `[B, 3, S, S]`
    /// @param ids of each caption, padded to the same length
    /// @param lengths of each caption without padding: 1 to that length
    public static Captioned of(Tensor pixels, int[][] ids, int[] lengths) {
        int b = Math.toIntExact(pixels.size(0));
        Check.that(
                ids.length == b && lengths.length == b,
                "ids has %s captions and lengths %s where there are %s images",
                ids.length,
                lengths.length,
                b);
        int t = ids[0].length;
        double[] padded = new double[b * t];
        double[] counts = new double[b];
        for (int i = 0; i < b; i++) {
            Check.that(
                    ids[i].length == t,
                    "ids has captions of %s and of %s tokens; pad them to one length",
                    t,
                    ids[i].length);
            Check.that(
                    lengths[i] >= 1 && lengths[i] <= t,
                    "lengths has %s; a caption has between 1 and %s tokens",
                    lengths[i],
                    t);
            counts[i] = lengths[i];
            for (int j = 0; j < t; j++) {
                padded[i * t + j] = ids[i][j];
            }
        }
        return new Captioned(pixels, whole(padded, pixels, b, t), whole(counts, pixels, b));
    }

    private static Tensor whole(double[] values, Tensor model, long... shape) {
        return Ops.tensor(values, shape).to(model.device(), ScalarType.Long);
    }
}
