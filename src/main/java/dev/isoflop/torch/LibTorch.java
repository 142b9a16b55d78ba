package dev.isoflop.torch;

import org.bytedeco.javacpp.Loader;

import java.io.IOException;
import java.io.UncheckedIOException;

/// Loads libtorch once, before any class of it is touched.
public final class LibTorch {

    private LibTorch() {}

    /// Unpacks every native file before the first is loaded, then loads libtorch.
    public static void load() {
        try {
            Loader.cacheResource(
                    org.bytedeco.pytorch.presets.torch.class,
                    "/org/bytedeco/pytorch/" + Loader.getPlatform());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Loader.load(org.bytedeco.pytorch.global.torch.class);
    }
}
