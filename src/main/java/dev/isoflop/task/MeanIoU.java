package dev.isoflop.task;

import dev.isoflop.fault.Check;
import dev.isoflop.train.Masked;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/// How well maps of classes agree with the truth, over a whole dataset: intersection over union.
///
/// Mark Everingham et al., *The PASCAL Visual Object Classes Challenge: A Retrospective*, IJCV
/// 2015, section 3.2, counted as mmsegmentation's `mean_iou`: pixels of all images are added up
/// before anything is divided, pixels that nobody labelled are left out, and a class that is
/// neither there nor predicted has no figure and is no part of a mean.
///
/// Pure.
public final class MeanIoU {

    private static final int VALUES = 256; // of a byte

    private final int classes;
    private final long[] pairs = new long[VALUES * VALUES]; // pixels by truth and prediction

    /// @param classes K, at most 255
    public MeanIoU(int classes) {
        Check.that(
                classes >= 1 && classes <= Masked.IGNORED,
                "classes is %s; it must lie between 1 and %s",
                classes,
                Masked.IGNORED);
        this.classes = classes;
    }

    /// The pixels of one class.
    ///
    /// @param intersection that are of it and are predicted to be
    /// @param truth that are of it
    /// @param predicted that are predicted to be
    public record Counts(long intersection, long truth, long predicted) {

        /// Pixels that are of it or are predicted to be.
        public long union() {
            return truth + predicted - intersection;
        }

        /// Intersection over union, 0 to 1; NaN for a class that is neither there nor predicted.
        public double iou() {
            return (double) intersection / union();
        }

        /// The share of its pixels that were found; NaN for a class that is not there.
        public double accuracy() {
            return (double) intersection / truth;
        }
    }

    /// What came of it.
    ///
    /// @param classes by number
    public record Figures(List<Counts> classes) {

        public Figures {
            classes = List.copyOf(classes);
        }

        /// The mean over classes of their intersection over union, without those that have none.
        public double meanIoU() {
            return mean(Counts::iou);
        }

        /// The mean over classes of their accuracy, without those that have none.
        public double meanAccuracy() {
            return mean(Counts::accuracy);
        }

        /// The share of labelled pixels that are right; NaN where none is labelled.
        public double pixelAccuracy() {
            long right = classes.stream().mapToLong(Counts::intersection).sum();
            return (double) right / pixels();
        }

        /// Labelled pixels.
        public long pixels() {
            return classes.stream().mapToLong(Counts::truth).sum();
        }

        /// The class that most labelled pixels are of, the first of several; none where no pixel is
        /// labelled.
        public OptionalInt commonest() {
            return IntStream.range(0, classes.size())
                    .filter(k -> classes.get(k).truth > 0)
                    .reduce((a, b) -> classes.get(b).truth > classes.get(a).truth ? b : a);
        }

        /// The classes that are there and of which no pixel was found, by number.
        SortedSet<Integer> neverFound() {
            SortedSet<Integer> never = new TreeSet<>();
            for (int k = 0; k < classes.size(); k++) {
                if (classes.get(k).truth > 0 && classes.get(k).intersection == 0) {
                    never.add(k);
                }
            }
            return never;
        }

        /// What it would come to if every pixel were said to be of one class, whatever the image
        /// shows.
        public Figures always(int k) {
            List<Counts> guessed = new ArrayList<>();
            for (int other = 0; other < classes.size(); other++) {
                long truth = classes.get(other).truth;
                guessed.add(new Counts(other == k ? truth : 0, truth, other == k ? pixels() : 0));
            }
            return new Figures(guessed);
        }

        private double mean(ToDoubleFunction<Counts> figure) {
            return classes.stream()
                    .mapToDouble(figure)
                    .filter(value -> !Double.isNaN(value))
                    .average()
                    .orElse(Double.NaN);
        }
    }

    /// Adds the pixels of one image, or of several.
    ///
    /// @param prediction a class each, from 0, as a byte without sign
    /// @param truth likewise, or {@link Masked#IGNORED}
    public void add(byte[] prediction, byte[] truth) {
        Check.that(
                prediction.length == truth.length,
                "%s classes are predicted of %s pixels",
                prediction.length,
                truth.length);
        for (int i = 0; i < prediction.length; i++) {
            pairs[(truth[i] & 0xff) * VALUES + (prediction[i] & 0xff)]++;
        }
    }

    /// What all pixels so far come to.
    ///
    /// @throws IllegalArgumentException if a class was met that there is not
    public Figures figures() {
        long known = 0;
        List<Counts> counts = new ArrayList<>();
        for (int k = 0; k < classes; k++) {
            long truth = 0;
            long predicted = 0;
            for (int other = 0; other < classes; other++) {
                truth += pairs[k * VALUES + other];
                predicted += pairs[other * VALUES + k];
            }
            counts.add(new Counts(pairs[k * VALUES + k], truth, predicted));
            known += truth;
        }
        long labelled = 0;
        for (int i = 0; i < Masked.IGNORED * VALUES; i++) {
            labelled += pairs[i];
        }
        Check.that(
                known == labelled,
                "%s pixels are of a class, or are predicted to be, that is not among the %s",
                labelled - known,
                classes);
        return new Figures(counts);
    }
}
