package dev.isoflop.trace;

import dev.isoflop.fault.RunException;
import dev.isoflop.torch.LibTorch;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// libtorch's own recorder of executed operators, which JavaCPP does not map.
///
/// The functions are found by their mangled C++ names of GCC's library, hence on Linux only. Their
/// one argument, a `const std::string&`, is laid out by hand.
final class ExecutionTraceObserver implements AutoCloseable {

    private static final String NAMESPACE = "_ZN5torch8profiler4impl";
    private static final String ADD =
            NAMESPACE
                    + "25addExecutionTraceObserverERKNSt7__cxx1112basic_string"
                    + "IcSt11char_traitsIcESaIcEEE";
    private static final String ENABLE = NAMESPACE + "28enableExecutionTraceObserverEv";
    private static final String DISABLE = NAMESPACE + "29disableExecutionTraceObserverEv";
    private static final String REMOVE = NAMESPACE + "28removeExecutionTraceObserverEv";

    /// Messages below this level are not printed; libtorch announces each trace as a warning.
    private static final String LOG_LEVEL = "FLAGS_caffe2_log_level";

    private static final int ERRORS_ONLY = 2;

    private final SymbolLookup symbols;
    private final Linker linker = Linker.nativeLinker();

    /// Starts recording into a file that does not exist yet and is whole after {@link #close}.
    ///
    /// libtorch has one observer a process and, asked for a second, says yes and does nothing; that
    /// it has not made the file betrays it.
    ///
    /// @throws IllegalStateException if a recording is under way already
    ExecutionTraceObserver(Path file) {
        LibTorch.load();
        symbols = SymbolLookup.loaderLookup();
        synchronized (ExecutionTraceObserver.class) {
            if (!quietly(() -> add(file))) {
                throw new RunException("the execution trace cannot be written to " + file);
            }
            if (!Files.exists(file)) {
                throw new IllegalStateException(
                        "an execution trace is being taken already; traces cannot be nested");
            }
        }
        quietly(() -> call(ENABLE));
    }

    /// Stops recording and finishes the file.
    @Override
    public void close() {
        quietly(() -> call(DISABLE));
        quietly(() -> call(REMOVE));
    }

    private boolean add(Path file) throws Throwable {
        FunctionDescriptor signature =
                FunctionDescriptor.of(ValueLayout.JAVA_BOOLEAN, ValueLayout.ADDRESS);
        try (Arena arena = Arena.ofConfined()) {
            return (boolean)
                    function(ADD, signature).invokeExact(cppString(arena, file.toString()));
        }
    }

    private boolean call(String name) throws Throwable {
        function(name, FunctionDescriptor.ofVoid()).invokeExact();
        return true;
    }

    private interface NativeCall {
        boolean run() throws Throwable;
    }

    private boolean quietly(NativeCall call) {
        Optional<MemorySegment> level =
                symbols.find(LOG_LEVEL).map(it -> it.reinterpret(ValueLayout.JAVA_INT.byteSize()));
        int before = level.map(it -> it.get(ValueLayout.JAVA_INT, 0)).orElse(0);
        level.ifPresent(it -> it.set(ValueLayout.JAVA_INT, 0, Math.max(before, ERRORS_ONLY)));
        try {
            return call.run();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e);
        } finally {
            level.ifPresent(it -> it.set(ValueLayout.JAVA_INT, 0, before));
        }
    }

    private MethodHandle function(String name, FunctionDescriptor signature) {
        MemorySegment address =
                symbols.find(name)
                        .orElseThrow(() ->
                                new RunException(
                                        "this libtorch does not offer its execution trace"
                                                + " here; tracing needs Linux"));
        return linker.downcallHandle(address, signature);
    }

    /// A `std::string` of libstdc++: pointer, length, capacity (the short form is not used).
    private static MemorySegment cppString(Arena arena, String text) {
        MemorySegment characters = arena.allocateFrom(text);
        long length = characters.byteSize() - 1;
        MemorySegment string = arena.allocate(32, 8);
        string.set(ValueLayout.ADDRESS, 0, characters);
        string.set(ValueLayout.JAVA_LONG, 8, length);
        string.set(ValueLayout.JAVA_LONG, 16, length);
        return string;
    }
}
