package dev.isoflop.torch;

import dev.isoflop.budget.Precision;
import dev.isoflop.fault.Check;
import dev.isoflop.fault.InputException;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.util.Locale;
import java.util.function.Supplier;

/// The device that computes: which there are, how many threads, autocast, and the highest
/// matrix-product rate it reaches.
public final class Engine {

    private static final int SIDE = 2048;
    private static final double SECONDS = 0.7;

    private Engine() {}

    /// A device by its name in recipes: `cpu`, `cuda`, or `auto` for a GPU where there is one.
    ///
    /// @throws InputException for a name that is not known, or a GPU that is not there
    public static Device device(String name) {
        LibTorch.load();
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "auto" -> new Device(torch.cuda_is_available() ? "cuda" : "cpu");
            case "cpu" -> new Device("cpu");
            case "cuda" -> {
                if (!torch.cuda_is_available()) {
                    throw new InputException(
                            "device is cuda, but libtorch sees no GPU here; write cpu or auto, or"
                                    + " build with -Pcuda (`isoflop doctor` says more)");
                }
                yield new Device("cuda");
            }
            default ->
                    throw new InputException("device is \"" + name + "\"; write auto, cpu or cuda");
        };
    }

    /// Threads for one operator on a CPU, whichever library computes it. Sums differ in their last
    /// bits between thread counts.
    ///
    /// @param n at least 1
    public static void threads(int n) {
        Check.that(n >= 1, "threads is %s; it must be at least 1", n);
        LibTorch.load();
        ThreadPools.bind(n);
    }

    /// Threads for one operator on a CPU: until {@link #threads(int)} says another number, one a
    /// core or `OMP_NUM_THREADS`.
    public static int threads() {
        LibTorch.load();
        return torch.get_num_threads();
    }

    /// Work whose operators have one thread each, for example because several of them run beside
    /// one another in threads that it starts; afterwards there are as many as before.
    public static <T> T singly(Supplier<T> work) {
        int before = threads();
        threads(1);
        try {
            return work.get();
        } finally {
            threads(before);
        }
    }

    /// The format of parameters at a precision: 64-bit for checks, else 32-bit.
    public static ScalarType parameterType(Precision precision) {
        return switch (precision) {
            case F32, BF16 -> ScalarType.Float;
            case F64 -> ScalarType.Double;
        };
    }

    /// Switches autocast to bfloat16 on, where the precision asks for it, until closed.
    public static Autocast autocast(Device device, Precision precision) {
        return new Autocast(device.type(), precision == Precision.BF16);
    }

    /// Autocast as a resource: off again when closed.
    public static final class Autocast implements AutoCloseable {

        private final DeviceType type;
        private final boolean on;

        private Autocast(DeviceType type, boolean on) {
            this.type = type;
            this.on = on;
            if (on) {
                torch.set_autocast_dtype(type, ScalarType.BFloat16);
                torch.set_autocast_enabled(type, true);
            }
        }

        @Override
        public void close() {
            if (on) {
                torch.set_autocast_enabled(type, false);
                torch.clear_cache(); // of weights in bfloat16: they change at the update
            }
        }
    }

    /// Work with autocast off on a CPU, whatever it was before.
    public static <T> T withoutAutocastOnCpu(Supplier<T> work) {
        boolean before = torch.is_autocast_enabled(DeviceType.CPU);
        torch.set_autocast_enabled(DeviceType.CPU, false);
        try {
            return work.get();
        } finally {
            torch.set_autocast_enabled(DeviceType.CPU, before);
        }
    }

    /// The highest rate of matrix products of side 2048 that was seen within 0.7 seconds, in
    /// FLOP/s.
    public static double peak(Device device, Precision precision) {
        ScalarType type =
                switch (precision) {
                    case F32 -> ScalarType.Float;
                    case BF16 -> ScalarType.BFloat16;
                    case F64 -> ScalarType.Double;
                };
        double best = Double.POSITIVE_INFINITY;
        try (PointerScope _ = new PointerScope();
                NoGradGuard _ = new NoGradGuard()) {
            long[] shape = {SIDE, SIDE};
            Tensor a = torch.ones(shape, Ops.options(device, type));
            Tensor out = torch.empty_like(a);
            long start = System.nanoTime();
            for (int i = 0; i < 3 || System.nanoTime() - start < SECONDS * 1e9; i++) {
                long before = System.nanoTime();
                torch.mm_out(out, a, a);
                finish(out);
                best = Math.min(best, (System.nanoTime() - before) / 1e9);
            }
        }
        return 2.0 * SIDE * SIDE * SIDE / best;
    }

    /// Waits until everything queued on a tensor's device is done: reading a number of it does.
    public static void finish(Tensor tensor) {
        if (tensor.is_cuda()) {
            double _ = tensor.flatten().select(0, 0).item_double();
        }
    }
}
