package dev.isoflop.task;

import dev.isoflop.data.Dataset;
import dev.isoflop.data.MaskLabels;
import dev.isoflop.data.loader.Chunk;
import dev.isoflop.data.loader.Item;
import dev.isoflop.data.loader.Loader;
import dev.isoflop.data.loader.WholeImages;
import dev.isoflop.image.Colour;
import dev.isoflop.image.ImageGrid;
import dev.isoflop.image.Raster;
import dev.isoflop.image.Resampling;
import dev.isoflop.image.View;
import dev.isoflop.image.Whole;
import dev.isoflop.image.Window;
import dev.isoflop.torch.Ops;
import dev.isoflop.train.LoaderBatches;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

import java.lang.foreign.ValueLayout;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// The images that a segmentation is evaluated on, one after the other, as its protocol shows them.
///
/// They are prepared ahead, on threads of their own.
///
/// @param data with masks
/// @param labels of the masks
/// @param protocol which part, at which size
/// @param patch side in pixels; sides are multiples of it
/// @param workers threads that prepare images
/// @param brokenShare share of images that may be broken
record EvaluationImages(
        Dataset data,
        MaskLabels labels,
        Protocol protocol,
        int patch,
        int workers,
        double brokenShare) {

    private static final Resampling FILTER = Resampling.PILLOW_BILINEAR; // as in training
    private static final int AHEAD = 4;

    /// An image with its labels.
    ///
    /// @param number with which it can be had again
    /// @param name of the image
    /// @param pixels `[1, 3, H, W]`, normalised, padded on the right and below
    /// @param shownWidth of them that are picture, in pixels
    /// @param shownHeight likewise
    /// @param width of the labels
    /// @param height of the labels
    /// @param truth `height x width` labels
    /// @param picture of the size of the labels
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Example(
            int number,
            String name,
            Tensor pixels,
            int shownWidth,
            int shownHeight,
            int width,
            int height,
            byte[] truth,
            Raster picture) {}

    /// Is shown one example after the other; what it makes of an example's tensor is gone after it.
    interface Visitor {

        /// Is shown one.
        ///
        /// @return whether to go on
        boolean visit(Example example);
    }

    /// Shows every image once.
    ///
    /// @param broken is told of each image that cannot be read
    /// @return whether the visitor went on to the end
    boolean visit(Visitor visitor, Consumer<String> broken) {
        return visit(0, data.size(), visitor, broken);
    }

    /// Shows one image again.
    void visit(int number, Visitor visitor) {
        var _ = visit(number, number + 1, visitor, _ -> {});
    }

    private boolean visit(int from, int to, Visitor visitor, Consumer<String> broken) {
        return switch (protocol) {
            case Protocol.Centre centre -> visitCentres(centre, from, to, visitor, broken);
            case Protocol.Whole _, Protocol.Sliding _ -> visitWhole(from, to, visitor, broken);
        };
    }

    private boolean visitCentres(
            Protocol.Centre centre, int from, int to, Visitor visitor, Consumer<String> broken) {
        int side = centre.side();
        View view = new View(side, new Window.Central(side, centre.base()), FILTER, 0, Colour.NONE);
        Loader.Settings settings = new Loader.Settings(1, 1, 0, workers, AHEAD, brokenShare);
        Set<String> seen = new HashSet<>();
        try (Loader loader = Loader.withMasks(data, List.of(view), labels, settings, from, to)) {
            boolean goOn = true;
            for (int number = from; number < to && goOn; number++) {
                try (PointerScope _ = new PointerScope();
                        Chunk chunk = loader.take()) {
                    Item item = chunk.items().getFirst();
                    if (seen.add(item.name())) { // else it stands for a broken one
                        Tensor pixels = LoaderBatches.pixels(chunk, 0, side); // [1, 3, S, S]
                        Raster picture = ImageGrid.rasters(pixels).getFirst();
                        byte[] truth = chunk.labels(0).toArray(ValueLayout.JAVA_BYTE);
                        goOn =
                                visitor.visit(
                                        new Example(
                                                number,
                                                item.name(),
                                                pixels,
                                                side,
                                                side,
                                                side,
                                                side,
                                                truth,
                                                picture));
                    }
                }
            }
            loader.broken().all().forEach(b -> broken.accept(b.name() + ": " + b.reason()));
            return goOn;
        }
    }

    private boolean visitWhole(int from, int to, Visitor visitor, Consumer<String> broken) {
        var settings = new WholeImages.Settings(protocol.base(), patch, FILTER, workers);
        try (WholeImages images = new WholeImages(data, labels, settings, from, to)) {
            boolean goOn = true;
            while (goOn) {
                Optional<WholeImages.Image> next = images.next();
                if (next.isEmpty()) {
                    break;
                }
                try (PointerScope _ = new PointerScope()) {
                    goOn = visitor.visit(example(next.get()));
                }
            }
            images.broken().forEach(b -> broken.accept(b.name() + ": " + b.reason()));
            return goOn;
        }
    }

    private static Example example(WholeImages.Image image) {
        Whole whole = image.whole();
        Tensor pixels = Ops.tensor(whole.pixels(), 1, 3, whole.height(), whole.width());
        return new Example(
                image.index(),
                image.name(),
                pixels,
                whole.frame().width(),
                whole.frame().height(),
                image.width(),
                image.height(),
                image.labels(),
                image.picture());
    }
}
