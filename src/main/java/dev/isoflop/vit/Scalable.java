package dev.isoflop.vit;

import java.util.List;
import java.util.Map;

/// The shape of a part beside the encoder (a decoder, a text tower, a head) that could have other
/// sizes. A step's bill is a polynomial in them, so a large step is known from small ones.
public interface Scalable {

    /// A size of a step. A step's bill has at most the degree that is said.
    enum Size {
        /// Micro-batches of the batch, degree 1.
        MICRO_BATCHES,
        /// Images of a micro-batch: in place of their number where memory is concerned.
        MICRO_BATCH,
        /// Images, degree 1; 2 in the loss of methods that compare them.
        BATCH,
        /// Heads of the encoder: degree 1 by themselves, 2 with their width.
        HEADS,
        /// Width of each of them; the encoder's width is the product: degree 2.
        HEAD_WIDTH,
        /// Blocks of the encoder, degree 1.
        DEPTH,
        /// Blocks of a decoder or of a text tower, degree 1.
        SECOND_DEPTH,
        /// Heads of a decoder, at constant width a head: degree 2.
        SECOND_HEADS,
        /// Width of a head's hidden layers: degree 2 if there are several, else 1.
        HIDDEN,
        /// Prototypes, or the vocabulary of captions: degree 1.
        WORDS
    }

    /// The sizes that this part has, with their values.
    Map<Size, Long> sizes();

    /// The same part at other sizes.
    ///
    /// @param sizes a value of each that it has; others are not looked at
    Scalable at(Map<Size, Long> sizes);

    /// The monomials that this part adds to the bill of an image, each a product of sizes: of its
    /// own, and of the encoder's where the two are connected.
    List<List<Size>> monomials();

    /// The width of each of {@link Size#SECOND_HEADS}, where there are such.
    default int widthPerHead() {
        return 1;
    }

    /// A value as a count.
    ///
    /// @throws IllegalArgumentException if there is none, or none that fits
    static int count(Map<Size, Long> sizes, Size size) {
        Long value = sizes.get(size);
        if (value == null || value != value.intValue()) {
            throw new IllegalArgumentException(size + " is " + value + ", which is no count");
        }
        return value.intValue();
    }
}
