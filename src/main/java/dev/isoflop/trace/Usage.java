package dev.isoflop.trace;

/// What some calls of operators did.
///
/// @param calls how often; calls inside an operator that is counted as a whole are not among them
/// @param cost of all of them together
/// @param read bytes of the tensors they were given, each once a call
/// @param written bytes of the tensors they filled
public record Usage(long calls, Cost cost, long read, long written) {

    public static final Usage NOTHING = new Usage(0, Cost.NOTHING, 0, 0);

    /// Both together.
    public Usage plus(Usage other) {
        return new Usage(
                Math.addExact(calls, other.calls),
                cost.plus(other.cost),
                Math.addExact(read, other.read),
                Math.addExact(written, other.written));
    }

    /// Bytes read and written.
    public long bytes() {
        return Math.addExact(read, written);
    }

    /// FLOPs of matrix products and of elements, a transcendental function being one, for each byte
    /// read or written: arithmetic intensity as if no two operators were fused. 0 where nothing
    /// moves.
    public double intensity() {
        double flops = (double) cost.matmul() + cost.elementwise() + cost.transcendental();
        return bytes() == 0 ? 0 : flops / bytes();
    }
}
