package dev.isoflop.carbon;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// Which GPUs of a machine to measure.
///
/// @param all every one there is
/// @param chosen else these: numbers in the order of the PCI bus, or identifiers ("GPU-...")
/// @param hidden how many more the run uses that this process does not see
/// @param ordered whether the numbers are surely those of CUDA
public record Gpus(boolean all, List<String> chosen, int hidden, boolean ordered) {

    public Gpus {
        chosen = List.copyOf(chosen);
    }

    /// Every GPU of the machine.
    public static Gpus every() {
        return new Gpus(true, List.of(), 0, true);
    }

    /// No GPU: the run computes on the processor.
    public static Gpus none() {
        return new Gpus(false, List.of(), 0, true);
    }

    /// Those that the ranks of a run on this machine use: the first `LOCAL_WORLD_SIZE` (else one)
    /// of `CUDA_VISIBLE_DEVICES` (else of all).
    public static Gpus ofRun(Map<String, String> environment) {
        int ranks = Ranks.of(environment).onMachine();
        String visible = environment.get("CUDA_VISIBLE_DEVICES");
        boolean ordered = "PCI_BUS_ID".equals(environment.get("CUDA_DEVICE_ORDER"));
        if (visible == null) {
            List<String> first = IntStream.range(0, ranks).mapToObj(String::valueOf).toList();
            return new Gpus(false, first, 0, ordered);
        }
        List<String> seen = new ArrayList<>();
        for (String gpu : Arrays.asList(visible.split(",", -1))) {
            if (gpu.isBlank() || gpu.strip().equals("-1")) {
                break; // CUDA sees none of those after it
            }
            seen.add(gpu.strip());
        }
        List<String> used = seen.subList(0, Math.min(ranks, seen.size()));
        return new Gpus(false, used, ranks - used.size(), ordered);
    }
}
