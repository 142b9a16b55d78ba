package dev.isoflop.train;

import dev.isoflop.fault.RunException;
import dev.isoflop.torch.LibTorch;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

import java.nio.file.Path;
import java.util.Map;

/// A program for tests: continues from the latest checkpoint and writes one a step until killed.
/// Every element of a checkpoint is its step's number.
final class EndlessCheckpoints {

    static final int FAILED = 3;

    private EndlessCheckpoints() {}

    /// Writes without end.
    ///
    /// @param arguments the folder, and how many elements a checkpoint's state has
    public static void main(String[] arguments) {
        LibTorch.load();
        Checkpoints checkpoints = new Checkpoints(Path.of(arguments[0]), new Keep(2, 10));
        long elements = Long.parseLong(arguments[1]);
        long step = checkpoints.latestValid(System.out::println).map(Checkpoint::step).orElse(0L);
        try {
            while (true) {
                step++;
                try (PointerScope _ = new PointerScope()) {
                    Tensor state = torch.full(new long[] {elements}, new Scalar((double) step));
                    Tensor encoder = state.narrow(0, 0, elements / 4);
                    checkpoints.write(
                            step, 8 * step, Map.of("w", encoder), Map.of("w", state), Map.of());
                }
            }
        } catch (RunException e) {
            System.out.println(e.getMessage());
            System.exit(FAILED);
        }
    }
}
