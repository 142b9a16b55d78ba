package dev.isoflop.image;

import dev.isoflop.torch.LibTorch;

import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.LongList;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.lang.foreign.MemorySegment;

/// Antialiased bicubic resizing with Pillow's filter (a = -0.5, support widened when shrinking), by
/// libtorch's operator on 8-bit pixels.
///
/// It differs from Pillow by a few hundredths of a level on average: its weights have 16 bits. On
/// contiguous channels-last bytes the operator runs on the calling thread alone; that is why the
/// part is cut out (and so made contiguous) beforehand, and why nothing else of libtorch is called
/// here: any other operator would start a pool of OpenMP threads for each of the loader's workers.
final class Resize {

    private static final OperatorHandle BICUBIC = bicubicOperator();

    private Resize() {}

    /// Resizes, in native memory of the present scope.
    ///
    /// @param rgb `height x width x 3` bytes, contiguous
    /// @return `toHeight x toWidth x 3` bytes, valid as long as the scope
    static MemorySegment to(Pointer rgb, int width, int height, int toWidth, int toHeight) {
        var bytes = new TensorOptions().dtype(new ScalarTypeOptional(ScalarType.Byte));
        Tensor image =
                torch.from_blob(rgb, new long[] {1, height, width, 3}, bytes)
                        .permute(0, 3, 1, 2); // [1, 3, H, W], channels last
        var arguments = new IValueVector();
        arguments.push_back(new IValue(image));
        arguments.push_back(new IValue(new GenericList((Pointer) new LongList(toHeight, toWidth))));
        arguments.push_back(new IValue(false)); // align_corners
        arguments.push_back(new IValue()); // scales: from the sizes
        arguments.push_back(new IValue());
        BICUBIC.callBoxed(arguments);
        Tensor resized = arguments.get(0).toTensor(); // [1, 3, h, w], channels last
        return segment(resized.data_ptr(), 3L * toWidth * toHeight);
    }

    static MemorySegment segment(Pointer pointer, long bytes) {
        return MemorySegment.ofAddress(pointer.address()).reinterpret(bytes);
    }

    private static OperatorHandle bicubicOperator() {
        LibTorch.load();
        OperatorHandle operator =
                Dispatcher.singleton().findSchemaOrThrow("aten::_upsample_bicubic2d_aa", "");
        // Whatever scope is open on the thread that comes first must not take it away.
        return operator.retainReference();
    }
}
