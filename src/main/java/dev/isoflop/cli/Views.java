package dev.isoflop.cli;

import dev.isoflop.data.Chunk;
import dev.isoflop.data.Loader;
import dev.isoflop.torch.Engine;
import dev.isoflop.torch.Ops;
import dev.isoflop.train.Batches;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.util.function.Function;

/// What the loader prepared, as tensors on the device: the first view of each image.
///
/// @param <B> what a batch is made of
final class Views<B> implements Batches<B> {

    private final Loader loader;
    private final int side;
    private final Device device;
    private final ScalarType type;
    private final Function<Tensor, B> batch;
    private @Nullable Chunk taken;

    Views(Loader loader, int side, Device device, ScalarType type, Function<Tensor, B> batch) {
        this.loader = loader;
        this.side = side;
        this.device = device;
        this.type = type;
        this.batch = batch;
    }

    @Override
    public B next(int images) {
        if (taken != null) {
            taken.close();
        }
        Chunk chunk = loader.take();
        taken = chunk;
        if (chunk.size() != images) {
            throw new IllegalStateException(
                    "the loader gave " + chunk.size() + " images where " + images + " were due");
        }
        return batch.apply(laidOver(chunk.pixels(0), images).to(device, type));
    }

    /// `[B, 3, S, S]` over the loader's own memory, without a copy.
    private Tensor laidOver(MemorySegment pixels, int images) {
        FloatPointer pointer = new FloatPointer(pixels.asByteBuffer().asFloatBuffer());
        long[] shape = {images, 3, side, side};
        return torch.from_blob(pointer, shape, Ops.options(Engine.device("cpu"), ScalarType.Float));
    }

    @Override
    public double secondsWaited() {
        return loader.secondsWaited();
    }
}
