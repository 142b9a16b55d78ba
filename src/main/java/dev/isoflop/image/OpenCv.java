package dev.isoflop.image;

import org.bytedeco.opencv.global.opencv_core;

/// OpenCV's native library, loaded once.
final class OpenCv {

    private OpenCv() {}

    /// Loads it, and keeps each call on the thread that makes it: the loader's workers are the
    /// parallelism. Later calls do nothing.
    static void load() {
        Once.load();
    }

    private static final class Once {
        static {
            opencv_core.setNumThreads(1);
        }

        static void load() {}
    }
}
