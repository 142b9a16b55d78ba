package dev.isoflop.torch;

import org.bytedeco.javacpp.Loader;

import java.io.IOException;
import java.io.UncheckedIOException;

/// The native library, loaded once.
public final class LibTorch {

    private LibTorch() {}

    /// Unpacks every native file before the first is opened, then opens them. Later calls do
    /// nothing.
    public static void load() {
        Once.load();
    }

    private static final class Once {
        static {
            try {
                Class<?> preset = org.bytedeco.pytorch.presets.torch.class;
                Loader.cacheResource(preset, "/org/bytedeco/pytorch/" + Loader.getPlatform());
                Loader.load(org.bytedeco.pytorch.global.torch.class);
            } catch (IOException e) {
                throw new UncheckedIOException("libtorch cannot be unpacked", e);
            }
        }

        static void load() {}
    }
}
