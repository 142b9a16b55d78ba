package dev.isoflop.profile;

import dev.isoflop.trace.Bill;

/// What one step executed, and the memory that it needs.
///
/// @param bill by part, direction and operator
/// @param held what lies in memory from step to step
record Executed(Bill bill, Held held) {

    /// What a step finds in memory, in bytes of numbers (not of alignment).
    ///
    /// @param parameters that are trained
    /// @param others that are not: fixed positions, a teacher, running statistics
    /// @param gradients of one step
    /// @param optimiser its means
    /// @param images as they are shown: of the largest micro-batch, or of the batch where all are
    ///   compared
    public record Held(long parameters, long others, long gradients, long optimiser, long images) {

        public long sum() {
            return parameters + others + gradients + optimiser + images;
        }
    }

    /// What the step holds at the end of its largest micro-batch, in bytes: this program's tensors
    /// on a CPU, which keeps what it named until a micro-batch ends. Short of the peak by what
    /// backward works with for a moment, the JVM, libtorch's own code, and the space that kernels
    /// work in.
    public long peak() {
        return held.sum() + bill.activations().sum();
    }
}
