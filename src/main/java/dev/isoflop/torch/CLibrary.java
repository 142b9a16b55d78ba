package dev.isoflop.torch;

import dev.isoflop.budget.Precision;
import dev.isoflop.fault.RunException;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/// What the C library is told before libtorch loads, where it has the functions to be told.
///
/// OpenMP must wait passively, and OpenBLAS must give up waiting actively after 2^19 cycles instead
/// of 2^26, or the threads of each fight for the cores with those of the other. And glibc must keep
/// freed memory: by default each large tensor is mapped anew and given back, so that every step
/// pays a page fault for every 4 KiB it writes (`bench/README.md` has the figures). And libtorch
/// must ask Linux for pages of 2 MiB, or the processor looks up the address of every 4 KiB it
/// reads.
final class CLibrary {

    private static final int M_TRIM_THRESHOLD = -1;
    private static final int M_TOP_PAD = -2;
    private static final int M_MMAP_THRESHOLD = -3;
    private static final int M_MMAP_MAX = -4;
    private static final int M_ARENA_MAX = -8;
    private static final int NEVER = Integer.MAX_VALUE;
    private static final int TOP_PAD = 64 << 20;
    private static final int GIVEN_BACK = 1 << 20; // as large and freed: given back

    private CLibrary() {}

    /// Tells it.
    ///
    /// @param precision of the products to come: in single precision they are OpenBLAS's, and
    ///   OpenMP's threads had better sleep at once; in bfloat16 they are OpenMP's own
    static void beforeLoading(Precision precision) {
        setUnlessSet("OMP_WAIT_POLICY", "passive");
        setUnlessSet("GOMP_SPINCOUNT", precision == Precision.BF16 ? "20000" : "0");
        setUnlessSet("OPENBLAS_THREAD_TIMEOUT", "19");
        setUnlessSet("THP_MEM_ALLOC_ENABLE", "1");
        keepFreedMemory();
    }

    /// Tells it that steps will be small and few: one thread, for several would wait for one
    /// another longer than they compute, and memory that is given back.
    static void beforeLoadingForSmallSteps() {
        setUnlessSet("OMP_NUM_THREADS", "1");
        setUnlessSet("OPENBLAS_NUM_THREADS", "1");
        mallopt(M_ARENA_MAX, 1);
        mallopt(M_MMAP_THRESHOLD, GIVEN_BACK);
    }

    private static void keepFreedMemory() {
        mallopt(M_ARENA_MAX, 1);
        mallopt(M_MMAP_MAX, 0);
        mallopt(M_TRIM_THRESHOLD, NEVER);
        mallopt(M_TOP_PAD, TOP_PAD);
    }

    /// Sets a variable of the C environment unless the user did.
    private static void setUnlessSet(String name, String value) {
        Optional<MemorySegment> setenv = function("setenv");
        if (setenv.isEmpty()) {
            return; // Windows
        }
        FunctionDescriptor signature =
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_INT);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment key = arena.allocateFrom(name);
            MemorySegment text = arena.allocateFrom(value);
            int overwrite = 0;
            int _ =
                    (int)
                            Linker.nativeLinker()
                                    .downcallHandle(setenv.get(), signature)
                                    .invokeExact(key, text, overwrite);
        } catch (Throwable e) {
            throw new RunException("cannot set " + name + " before libtorch loads", e);
        }
    }

    /// Changes how glibc allocates; elsewhere there is no such function, and nothing changes.
    private static void mallopt(int parameter, int value) {
        Optional<MemorySegment> mallopt = function("mallopt");
        if (mallopt.isEmpty()) {
            return; // not glibc
        }
        FunctionDescriptor signature =
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
        try {
            int _ =
                    (int)
                            Linker.nativeLinker()
                                    .downcallHandle(mallopt.get(), signature)
                                    .invokeExact(parameter, value);
        } catch (Throwable e) {
            throw new RunException("cannot tell the C library to keep freed memory", e);
        }
    }

    private static Optional<MemorySegment> function(String name) {
        return Linker.nativeLinker().defaultLookup().find(name);
    }
}
