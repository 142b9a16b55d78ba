package dev.isoflop.encoder;

import dev.isoflop.torch.SafetensorsHeader.Dtype;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Floating-point numbers of a file in another of its formats.
///
/// From narrow to wide only, so that no bit is lost.
final class Numbers {

    private static final ValueLayout.OfDouble DOUBLE =
            ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private Numbers() {}

    /// Whether a format is one of floating-point numbers.
    static boolean isReal(Dtype dtype) {
        return switch (dtype) {
            case F64, F32, BF16, F16 -> true;
            case I64, I32, U8, BOOL -> false;
        };
    }

    /// Writes every number in another format.
    ///
    /// @param from a format of real numbers
    /// @param to {@link Dtype#F32} or {@link Dtype#F64}, no narrower
    static void widen(Dtype from, MemorySegment in, Dtype to, MemorySegment out) {
        if (from == to) {
            out.copyFrom(in);
            return;
        }
        long n = in.byteSize() / from.bytes();
        if (to == Dtype.F64) {
            for (long i = 0; i < n; i++) {
                out.set(DOUBLE, i * Double.BYTES, number(from, in, i));
            }
        } else {
            for (long i = 0; i < n; i++) {
                out.set(FLOAT, i * Float.BYTES, (float) number(from, in, i)); // exact: it was one
            }
        }
    }

    /// One number.
    static double number(Dtype dtype, MemorySegment in, long i) {
        return switch (dtype) {
            case F64 -> in.get(DOUBLE, i * Double.BYTES);
            case F32 -> in.get(FLOAT, i * Float.BYTES);
            case BF16 -> Float.intBitsToFloat(in.get(SHORT, i * Short.BYTES) << 16);
            case F16 -> Float.float16ToFloat(in.get(SHORT, i * Short.BYTES));
            case I64, I32, U8, BOOL ->
                    throw new IllegalArgumentException(dtype + " is no format of real numbers");
        };
    }
}
