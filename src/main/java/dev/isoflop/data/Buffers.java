package dev.isoflop.data;

import dev.isoflop.image.View;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/// The native memory of one chunk: for each view, `chunk x 3 x side x side` floats.
final class Buffers {

    private static final long ALIGNMENT = 64; // bytes: a cache line, and the widest vector

    private final List<MemorySegment> segments = new ArrayList<>();
    private final List<Long> imageBytes = new ArrayList<>();

    Buffers(Arena arena, List<View> views, int chunk) {
        for (View view : views) {
            long bytes = 3L * view.size() * view.size() * ValueLayout.JAVA_FLOAT.byteSize();
            imageBytes.add(bytes);
            segments.add(arena.allocate(Math.multiplyExact(bytes, chunk), ALIGNMENT));
        }
    }

    /// The first images of a view.
    MemorySegment view(int view, int images) {
        return segments.get(view).asSlice(0, images * imageBytes.get(view));
    }

    /// One image of a view: `3 x side x side` floats.
    MemorySegment image(int view, int image) {
        long bytes = imageBytes.get(view);
        return segments.get(view).asSlice(image * bytes, bytes);
    }
}
