package dev.isoflop.train;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/// What lies outside the Java heap.
public final class NativeMemory {

    private static final int FIELDS = 10; // of mallinfo2, eight bytes each
    private static final int MAPPED = 4; // hblkhd
    private static final int IN_USE = 7; // uordblks

    private NativeMemory() {}

    /// Bytes that are allocated, as the C library of Linux counts them.
    public static long allocated() {
        Linker linker = Linker.nativeLinker();
        MemorySegment function = linker.defaultLookup().find("mallinfo2").orElseThrow();
        StructLayout fields =
                MemoryLayout.structLayout(
                        MemoryLayout.sequenceLayout(FIELDS, ValueLayout.JAVA_LONG));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info =
                    (MemorySegment)
                            linker.downcallHandle(function, FunctionDescriptor.of(fields))
                                    .invokeExact((SegmentAllocator) arena);
            return info.getAtIndex(ValueLayout.JAVA_LONG, MAPPED)
                    + info.getAtIndex(ValueLayout.JAVA_LONG, IN_USE);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }
}
