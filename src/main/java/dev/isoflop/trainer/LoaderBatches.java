package dev.isoflop.trainer;

import dev.isoflop.data.loader.Chunk;
import dev.isoflop.data.loader.Loader;
import dev.isoflop.image.View;
import dev.isoflop.torch.Engine;
import dev.isoflop.torch.Ops;
import dev.isoflop.train.Batches;

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

/// What the loader prepared, as tensors on the device.
///
/// @param <B> what a batch is made of
public final class LoaderBatches<B> implements Batches<B> {

    private final Loader loader;
    private final List<View> views;
    private final int held;
    private final Device device;
    private final ScalarType type;
    private final Batching<B> batching;
    private final Deque<Chunk> taken = new ArrayDeque<>();
    private int inUse; // images of the chunks that are taken

    /// Lays tensors over the chunks of a loader.
    ///
    /// @param views that the loader cuts
    /// @param held images whose memory stays as it is: those of a cut, or of a whole batch
    public LoaderBatches(
            Loader loader,
            List<View> views,
            int held,
            Device device,
            ScalarType type,
            Batching<B> batching) {
        this.loader = loader;
        this.views = views;
        this.held = held;
        this.device = device;
        this.type = type;
        this.batching = batching;
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
        List<Tensor> labels = new ArrayList<>();
        for (int view = 0; view < views.size(); view++) {
            long side = views.get(view).size();
            tensors.add(laidOver(chunk.pixels(view), images, side).to(device, type));
            if (loader.masked()) {
                labels.add(
                        labelsOver(chunk.labels(view), images, side).to(device, ScalarType.Long));
            }
        }
        return batching.of(tensors, labels, chunk.items());
    }

    /// `[B, S, S]` bytes over the loader's own memory, without a copy.
    private static Tensor labelsOver(MemorySegment labels, long images, long side) {
        BytePointer pointer = new BytePointer(labels.asByteBuffer());
        long[] shape = {images, side, side};
        return torch.from_blob(pointer, shape, Ops.options(Engine.device("cpu"), ScalarType.Byte));
    }

    /// `[B, 3, S, S]` over the loader's own memory, without a copy.
    private static Tensor laidOver(MemorySegment pixels, long images, long side) {
        FloatPointer pointer = new FloatPointer(pixels.asByteBuffer().asFloatBuffer());
        long[] shape = {images, 3, side, side};
        return torch.from_blob(pointer, shape, Ops.options(Engine.device("cpu"), ScalarType.Float));
    }

    @Override
    public double secondsWaited() {
        return loader.secondsWaited();
    }
}
