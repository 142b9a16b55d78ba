package dev.isoflop.train;

import dev.isoflop.data.loader.Item;
import dev.isoflop.fault.InputException;
import dev.isoflop.torch.Ops;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.util.List;

/// One view of each image and what it shows: what supervised learning takes.
///
/// Shapes: B images of side S, K classes, L labels at most.
///
/// @param pixels `[B, 3, S, S]`, normalised
/// @param labels of each image, in the order of the rows
public record Labelled(Tensor pixels, List<Labels> labels) {

    /// Fills lists of labels up to equal length; it is no label.
    public static final int PADDING = -1;

    public Labelled {
        labels = List.copyOf(labels);
    }

    /// A batch of one view of each example and its labels.
    ///
    /// @param pixels `[B, 3, S, S]`
    /// @param items in the order of the rows
    public static Labelled of(Tensor pixels, List<Item> items) {
        return new Labelled(
                pixels, items.stream().map(i -> new Labels(i.name(), i.labels())).toList());
    }

    /// What becomes of an image without labels.
    public enum Unlabelled {
        /// It ends the run, with its name.
        REFUSE,
        /// It adds nothing to the loss, which is the mean over the other images at hand: 0 where
        /// there is no other.
        SKIP
    }

    /// The labels of one image.
    ///
    /// @param image its name, for messages
    /// @param classes shown, the main one first, from 0, or {@link #PADDING}
    public record Labels(String image, List<Integer> classes) {

        public Labels {
            classes = List.copyOf(classes);
        }

        private List<Integer> first(int most, int k, Unlabelled unlabelled) {
            for (int label : classes) {
                if (label < PADDING || label >= k) {
                    throw new InputException(
                            ("image %s has label %d where there are %d classes, 0 to %d; leave"
                                            + " method.classes out to have those of the data")
                                    .formatted(image, label, k, k - 1));
                }
            }
            List<Integer> first =
                    classes.stream().filter(label -> label != PADDING).limit(most).toList();
            if (first.isEmpty() && unlabelled == Unlabelled.REFUSE) {
                throw new InputException(
                        "image %s has no label; give it one, or set method.unlabelled to skip"
                                .formatted(image));
            }
            return first;
        }
    }

    /// The labels as distributions: each of an image's labels has an equal part, a repeated one
    /// several; all zeros where there is none.
    ///
    /// @param k classes
    /// @param most labels of an image that count: its first
    /// @param unlabelled whether an image may have none
    /// @return `[B, K]`, like the pixels
    /// @throws InputException naming an image with a label that is no class, or without labels
    public Tensor shown(int k, int most, Unlabelled unlabelled) {
        int b = labels.size();
        double[] classes = new double[b * most];
        double[] parts = new double[b * most];
        for (int row = 0; row < b; row++) {
            List<Integer> first = labels.get(row).first(most, k, unlabelled);
            for (int i = 0; i < first.size(); i++) {
                classes[row * most + i] = first.get(i);
                parts[row * most + i] = 1.0 / first.size();
            }
        }
        Tensor where = Ops.tensor(classes, b, most).to(pixels.device(), ScalarType.Long); // [B, L]
        Tensor none = torch.zeros(new long[] {b, k}, Ops.like(pixels)); // [B, K]
        return none.scatter_add(1, where, Ops.tensor(parts, pixels, b, most)); // [B, K]
    }
}
