package dev.isoflop.data;

import dev.isoflop.image.Picture;

import java.util.List;
import java.util.Optional;

/// A picture and what is known about it.
///
/// @param name as {@link Dataset#nameOf} gives it
/// @param labels classes shown, the main one first; empty when nothing is known
/// @param captions sentences that describe it
/// @param boxes where single things are
/// @param mask the class of every pixel; always there after {@link Dataset#readWithMask} of a
///   dataset that has masks
public record Sample(
        String name,
        Picture picture,
        List<Integer> labels,
        List<String> captions,
        List<LabelledBox> boxes,
        Optional<Mask> mask) {

    public Sample {
        labels = List.copyOf(labels);
        captions = List.copyOf(captions);
        boxes = List.copyOf(boxes);
    }

    /// A picture with labels and nothing else.
    public Sample(String name, Picture picture, List<Integer> labels) {
        this(name, picture, labels, List.of(), List.of(), Optional.empty());
    }

    /// The same with other labels.
    Sample withLabels(List<Integer> others) {
        return new Sample(name, picture, others, captions, boxes, mask);
    }

    /// The same with other captions.
    Sample withCaptions(List<String> others) {
        return new Sample(name, picture, labels, others, boxes, mask);
    }

    /// The same with a mask.
    Sample withMask(Mask shown) {
        return new Sample(name, picture, labels, captions, boxes, Optional.of(shown));
    }
}
