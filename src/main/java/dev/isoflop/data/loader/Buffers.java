package dev.isoflop.data.loader;

import dev.isoflop.image.View;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/// The native memory of one chunk: for each view, `chunk x 3 x side x side` floats, and, where
/// masks are asked for, `chunk x side x side` labels.
final class Buffers {

    private static final long ALIGNMENT = 64; // bytes: a cache line, and the widest vector

    private final List<MemorySegment> segments = new ArrayList<>();
    private final List<Long> imageBytes = new ArrayList<>();
    private final List<MemorySegment> labels = new ArrayList<>(); // empty without masks
    private final List<Long> labelBytes = new ArrayList<>(); // of one image

    public Buffers(Arena arena, List<View> views, boolean masked, int chunk) {
        for (View view : views) {
            long area = (long) view.size() * view.size();
            long bytes = 3 * area * ValueLayout.JAVA_FLOAT.byteSize();
            imageBytes.add(bytes);
            segments.add(arena.allocate(Math.multiplyExact(bytes, chunk), ALIGNMENT));
            labelBytes.add(area);
            if (masked) {
                labels.add(arena.allocate(Math.multiplyExact(area, chunk), ALIGNMENT));
            }
        }
    }

    /// The first images of a view.
    public MemorySegment view(int view, int images) {
        return segments.get(view).asSlice(0, images * imageBytes.get(view));
    }

    /// The labels of the first images of a view.
    public MemorySegment labels(int view, int images) {
        return labels.get(view).asSlice(0, images * labelBytes.get(view));
    }

    /// The labels of one image of a view: `side x side` bytes.
    public MemorySegment imageLabels(int view, int image) {
        long bytes = labelBytes.get(view);
        return labels.get(view).asSlice(image * bytes, bytes);
    }

    /// One image of a view: `3 x side x side` floats.
    public MemorySegment image(int view, int image) {
        long bytes = imageBytes.get(view);
        return segments.get(view).asSlice(image * bytes, bytes);
    }
}
