package dev.isoflop.torch;

import dev.isoflop.budget.Precision;
import dev.isoflop.fault.RunException;

import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;

/// The native library: loaded once a process, before any other class of libtorch is touched.
///
/// Three facts of the ground are dealt with here and nowhere else. On an empty cache JavaCPP opens
/// `libtorch.so` before `libtorch_cpu.so` is unpacked, which ends the JVM; so everything is
/// unpacked first. And the threads of OpenBLAS and OpenMP fight for the cores unless OpenMP waits
/// passively, which it must be told before it loads. And of the cores of a processor libtorch
/// counts half where each has two threads, OpenBLAS all: both begin with one number ({@link
/// ThreadPools}).
public final class LibTorch {

    /// A process has one native library.
    private static final AtomicBoolean LOADED = new AtomicBoolean();

    private LibTorch() {}

    /// Loads libtorch; cheap when it is loaded already.
    ///
    /// @throws RunException when this system has no build of it or it cannot be unpacked
    public static void load() {
        load(Precision.F32);
    }

    /// Loads libtorch with its threads set for products in a precision. Every precision works
    /// whatever was said first; the first call of the process decides what is fastest.
    public static synchronized void load(Precision precision) {
        if (!LOADED.get()) {
            CLibrary.beforeLoading(precision);
            unpackAndLoad();
            ThreadPools.bind(ThreadPools.usual(Runtime.getRuntime().availableProcessors()));
            LOADED.set(true);
        }
    }

    /// Loads libtorch for steps that are small and few, where that matters: on one thread, and
    /// without keeping freed memory. The first call of the process decides.
    public static synchronized void loadForSmallSteps() {
        if (!LOADED.get()) {
            CLibrary.beforeLoadingForSmallSteps();
            unpackAndLoad();
            ThreadPools.bind(ThreadPools.usual(1));
            LOADED.set(true);
        }
    }

    /// The version of libtorch and of its Java binding, for example `2.10.0-1.5.13`.
    public static String version() {
        String version = torch.class.getPackage().getImplementationVersion();
        return version == null ? "unknown" : version;
    }

    private static void unpackAndLoad() {
        String natives = "/org/bytedeco/pytorch/" + Loader.getPlatform();
        try {
            Loader.cacheResource(org.bytedeco.pytorch.presets.torch.class, natives);
            Loader.load(torch.class);
            // It serves few processors, and where it does not it complains at each convolution.
            torch.globalContext().setUserEnabledNNPACK(false);
        } catch (IOException | UnsatisfiedLinkError | NoClassDefFoundError e) {
            throw new RunException(
                    "libtorch does not load on "
                            + Loader.getPlatform()
                            + ": "
                            + e.getMessage()
                            + ". `isoflop doctor` says what is missing; natives are unpacked below"
                            + " ~/.javacpp/cache, which must be writable.",
                    e);
        }
    }
}
