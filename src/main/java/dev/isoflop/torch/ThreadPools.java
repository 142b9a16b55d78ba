package dev.isoflop.torch;

import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import java.util.OptionalInt;

/// The threads that one operator is computed by on a CPU, in every pool that has some.
///
/// libtorch's own operators, and its products in bfloat16, run in OpenMP's. Products in f32 run in
/// those of OpenBLAS, which libtorch does not tell of a number of threads: it would take all cores
/// whatever a run was given. The pool in which libtorch starts whole operators beside one another
/// is left as it is, for a step starts none.
final class ThreadPools {

    private static final String SET = "openblas_set_num_threads";
    private static final String GET = "openblas_get_num_threads";

    private ThreadPools() {}

    /// What a process computes with that was told nothing else: a thread for each core, or what
    /// `OMP_NUM_THREADS` says.
    static int usual(int cores) {
        return usual(cores, System.getenv("OMP_NUM_THREADS"));
    }

    static int usual(int cores, @Nullable String wanted) {
        return wanted != null && wanted.matches("[1-9][0-9]{0,3}")
                ? Integer.parseInt(wanted)
                : cores;
    }

    /// Binds every pool; libtorch is loaded.
    ///
    /// @param n at least 1
    static void bind(int n) {
        torch.set_num_threads(n);
        Optional<MemorySegment> set = function(SET);
        if (set.isEmpty()) {
            return; // another library multiplies, and libtorch has told it
        }
        FunctionDescriptor signature = FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT);
        try {
            Linker.nativeLinker().downcallHandle(set.get(), signature).invokeExact(n);
        } catch (Throwable e) {
            throw new IllegalStateException("OpenBLAS cannot be told its threads", e);
        }
    }

    /// The threads of OpenBLAS, where it multiplies.
    static OptionalInt ofOpenBlas() {
        Optional<MemorySegment> get = function(GET);
        if (get.isEmpty()) {
            return OptionalInt.empty();
        }
        FunctionDescriptor signature = FunctionDescriptor.of(ValueLayout.JAVA_INT);
        try {
            return OptionalInt.of(
                    (int) Linker.nativeLinker().downcallHandle(get.get(), signature).invokeExact());
        } catch (Throwable e) {
            throw new IllegalStateException("OpenBLAS does not say its threads", e);
        }
    }

    private static Optional<MemorySegment> function(String name) {
        return SymbolLookup.loaderLookup().find(name);
    }
}
