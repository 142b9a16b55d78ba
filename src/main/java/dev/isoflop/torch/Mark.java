package dev.isoflop.torch;

import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.global.torch;

import java.util.function.Supplier;

/// A name around a stretch of work, which an execution trace writes as the parent of every operator
/// that the stretch calls.
///
/// It computes nothing. Where nobody records, it is one question to libtorch, some tens of
/// nanoseconds.
public final class Mark {

    /// The name around the work on one micro-batch.
    public static final String MICRO_BATCH = "micro-batch";

    private static final String OPENING = "profiler::_record_function_enter_new";
    private static final String CLOSING = "profiler::_record_function_exit";
    private static final String CLOSING_KIND = "_RecordFunction";

    private Mark() {}

    /// Does the work under a name, and hands on its result.
    public static <T> T around(String name, Supplier<T> work) {
        if (!torch.hasCallbacks()) {
            return work.get();
        }
        IValueVector stack = new IValueVector(); // a boxed operator takes from it and leaves in it
        stack.push_back(new IValue(name));
        stack.push_back(new IValue());
        Dispatcher.singleton().findSchemaOrThrow(OPENING, "").callBoxed(stack);
        try {
            return work.get();
        } finally {
            Dispatcher.singleton().findSchemaOrThrow(CLOSING, CLOSING_KIND).callBoxed(stack);
        }
    }

    /// Does the work under a name.
    public static void around(String name, Runnable work) {
        around(
                name,
                () -> {
                    work.run();
                    return name;
                });
    }

    /// Does the work on one micro-batch.
    public static void microBatch(Runnable work) {
        around(MICRO_BATCH, work);
    }
}
