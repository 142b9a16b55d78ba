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

    /// Gives what is free back to the system, so that the resident set is what is in use.
    public static void giveBack() {
        Linker linker = Linker.nativeLinker();
        MemorySegment function = linker.defaultLookup().find("malloc_trim").orElseThrow();
        FunctionDescriptor signature =
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG);
        long pad = 0;
        try {
            int _ = (int) linker.downcallHandle(function, signature).invokeExact(pad);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

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
