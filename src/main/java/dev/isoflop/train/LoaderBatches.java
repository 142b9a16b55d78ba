package dev.isoflop.train;

import dev.isoflop.data.loader.Chunk;
import dev.isoflop.data.loader.Item;
import dev.isoflop.data.loader.Loader;
import dev.isoflop.image.View;
import dev.isoflop.text.Tokens;
import dev.isoflop.torch.Engine;
import dev.isoflop.torch.Ops;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// What the loader prepared, as tensors on the device.
///
/// @param <B> what a batch is made of
public final class LoaderBatches<B> implements Batches<B> {

    private final Loader loader;
    private final List<View> views;
    private final int held;
    private final Device device;
    private final ScalarType type;
    private final Learner<B> learner;
    private final Optional<Function<Item, Tokens>> captions;
    private final Deque<Chunk> taken = new ArrayDeque<>();
    private int inUse; // images of the chunks that are taken

    /// Lays tensors over the chunks of a loader.
    ///
    /// @param loader whose views are those of the learner
    /// @param held examples whose memory stays as it is: those of a micro-batch, or of a whole
    ///   batch
    /// @param device where batches are wanted
    /// @param type of their numbers
    /// @param learner that makes batches of examples
    /// @param captions how a caption of an example is read, where the learner reads text
    public LoaderBatches(
            Loader loader,
            List<View> views,
            int held,
            Device device,
            ScalarType type,
            Learner<B> learner,
            Optional<Function<Item, Tokens>> captions) {
        this.loader = loader;
        this.views = views;
        this.held = held;
        this.device = device;
        this.type = type;
        this.learner = learner;
        this.captions = captions;
    }

    @Override
    public B next(int images) {
        if (inUse + images > held) {
            taken.forEach(Chunk::close);
            taken.clear();
            inUse = 0;
        }
        Chunk chunk = loader.take();
        taken.add(chunk);
        inUse += images;
        if (chunk.size() != images) {
            throw new IllegalStateException(
                    "the loader gave " + chunk.size() + " images where " + images + " were due");
        }
        List<Tensor> tensors = new ArrayList<>();
        List<Tensor> masks = new ArrayList<>();
        for (int view = 0; view < views.size(); view++) {
            long side = views.get(view).size();
            tensors.add(pixels(chunk, view, side).to(device, type));
            if (loader.masked()) {
                masks.add(masksOver(chunk.labels(view), images, side).to(device, ScalarType.Long));
            }
        }
        List<Item> items = chunk.items();
        List<Tokens> read =
                captions.map(reader -> items.stream().map(reader).toList()).orElse(List.of());
        return learner.batch(new Examples(tensors, masks, items, read));
    }

    /// `[B, S, S]` bytes over the loader's own memory, without a copy.
    private static Tensor masksOver(MemorySegment labels, long images, long side) {
        BytePointer pointer = new BytePointer(labels.asByteBuffer());
        long[] shape = {images, side, side};
        return torch.from_blob(pointer, shape, Ops.options(Engine.device("cpu"), ScalarType.Byte));
    }

    /// A view of a chunk, `[B, 3, S, S]` of 32 bits, over the loader's own memory, without a copy.
    ///
    /// @param view which of the loader's
    /// @param side of it in pixels
    public static Tensor pixels(Chunk chunk, int view, long side) {
        MemorySegment pixels = chunk.pixels(view);
        FloatPointer pointer = new FloatPointer(pixels.asByteBuffer().asFloatBuffer());
        long[] shape = {chunk.size(), 3, side, side};
        return torch.from_blob(pointer, shape, Ops.options(Engine.device("cpu"), ScalarType.Float));
    }

    @Override
    public double secondsWaited() {
        return loader.secondsWaited();
    }
}
