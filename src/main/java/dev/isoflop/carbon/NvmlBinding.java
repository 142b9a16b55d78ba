package dev.isoflop.carbon;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.function.ToLongFunction;

/// NVIDIA's management library, through `java.lang.foreign`.
///
/// Signatures from NVIDIA's [NVML API reference](https://docs.nvidia.com/deploy/nvml-api/): every
/// function returns an `nvmlReturn_t`, an `int` that is 0 on success, and writes its answer where
/// its last pointer shows. A function that this driver's library lacks fails when it is called, as
/// not supported.
final class NvmlBinding implements NvmlLibrary {

    private static final int NAME_BYTES = 96; // NVML_DEVICE_NAME_V2_BUFFER_SIZE
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    /// The pointer whose target C types as `const char*`.
    private static final MemoryLayout TEXT = ValueLayout.ADDRESS;

    private final Arena arena = Arena.ofShared();
    private final SymbolLookup library;

    private NvmlBinding(String file) throws NvmlException {
        try {
            library = SymbolLookup.libraryLookup(file, arena);
        } catch (IllegalArgumentException _) {
            arena.close();
            throw new NvmlException(0, "there is no " + file + " on this machine");
        }
    }

    /// Loads and starts the library.
    ///
    /// @param file its name, `libnvidia-ml.so.1`, or a path
    /// @throws NvmlException if it is not there, or finds no driver
    static NvmlBinding open(String file) throws NvmlException {
        NvmlBinding binding = new NvmlBinding(file);
        try {
            binding.check("nvmlInit_v2", binding.call("nvmlInit_v2", FunctionDescriptor.of(INT)));
        } catch (NvmlException e) {
            binding.arena.close();
            throw e;
        }
        return binding;
    }

    @Override
    public int count() throws NvmlException {
        String function = "nvmlDeviceGetCount_v2";
        FunctionDescriptor signature = FunctionDescriptor.of(INT, ValueLayout.ADDRESS);
        try (Arena answer = Arena.ofConfined()) {
            MemorySegment n = answer.allocate(INT);
            check(function, call(function, signature, n));
            return n.get(INT, 0);
        }
    }

    @Override
    public long byIndex(int index) throws NvmlException {
        String function = "nvmlDeviceGetHandleByIndex_v2";
        FunctionDescriptor signature = FunctionDescriptor.of(INT, INT, ValueLayout.ADDRESS);
        try (Arena answer = Arena.ofConfined()) {
            MemorySegment handle = answer.allocate(ValueLayout.ADDRESS);
            check(function, call(function, signature, index, handle));
            return handle.get(ValueLayout.ADDRESS, 0).address();
        }
    }

    @Override
    public long byIdentifier(String identifier) throws NvmlException {
        String function = "nvmlDeviceGetHandleByUUID";
        FunctionDescriptor signature = FunctionDescriptor.of(INT, TEXT, ValueLayout.ADDRESS);
        try (Arena answer = Arena.ofConfined()) {
            MemorySegment handle = answer.allocate(ValueLayout.ADDRESS);
            check(function, call(function, signature, answer.allocateFrom(identifier), handle));
            return handle.get(ValueLayout.ADDRESS, 0).address();
        }
    }

    @Override
    public String name(long gpu) throws NvmlException {
        String function = "nvmlDeviceGetName";
        FunctionDescriptor signature =
                FunctionDescriptor.of(INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS, INT);
        try (Arena answer = Arena.ofConfined()) {
            MemorySegment text = answer.allocate(NAME_BYTES);
            check(
                    function,
                    call(function, signature, MemorySegment.ofAddress(gpu), text, NAME_BYTES));
            return text.getString(0);
        }
    }

    @Override
    public long millijoules(long gpu) throws NvmlException {
        return ask("nvmlDeviceGetTotalEnergyConsumption", gpu, LONG, n -> n.get(LONG, 0));
    }

    @Override
    public long milliwatts(long gpu) throws NvmlException {
        return ask("nvmlDeviceGetPowerUsage", gpu, INT, n -> Integer.toUnsignedLong(n.get(INT, 0)));
    }

    private long ask(
            String function, long gpu, MemoryLayout answer, ToLongFunction<MemorySegment> read)
            throws NvmlException {
        FunctionDescriptor signature =
                FunctionDescriptor.of(INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS);
        try (Arena call = Arena.ofConfined()) {
            MemorySegment n = call.allocate(answer);
            check(function, call(function, signature, MemorySegment.ofAddress(gpu), n));
            return read.applyAsLong(n);
        }
    }

    private int call(String function, FunctionDescriptor signature, Object... arguments)
            throws NvmlException {
        MemorySegment address =
                library.find(function)
                        .orElseThrow(() ->
                                new NvmlException(
                                        NOT_SUPPORTED,
                                        "the driver's library has no function " + function));
        MethodHandle handle = Linker.nativeLinker().downcallHandle(address, signature);
        try {
            return (int) handle.invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw new IllegalStateException(function + " cannot be called", e);
        }
    }

    private void check(String function, int code) throws NvmlException {
        if (code != 0) {
            throw new NvmlException(
                    code, "%s answered %d, %s".formatted(function, code, word(code)));
        }
    }

    /// What the header says of the codes that a reader of energy can meet.
    private static String word(int code) {
        return switch (code) {
            case 1 -> "not initialised";
            case 2 -> "invalid argument";
            case NOT_SUPPORTED -> "not supported by this GPU";
            case 4 -> "no permission";
            case 6 -> "not found";
            case 9 -> "the driver is not loaded";
            case 15 -> "the GPU is lost: it has fallen off the bus";
            case 16 -> "the GPU must be reset";
            case 18 -> "library and driver are of different versions";
            default -> "an error";
        };
    }

    @Override
    public void close() {
        try {
            call("nvmlShutdown", FunctionDescriptor.of(INT));
        } catch (NvmlException _) {
            // a library without this function has nothing to be told
        } finally {
            arena.close();
        }
    }
}
