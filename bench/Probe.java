import dev.isoflop.encoder.Card;
import dev.isoflop.probe.Probing;
import dev.isoflop.recipe.Table;
import dev.isoflop.run.ProbeReport;
import dev.isoflop.run.RunListener;
import dev.isoflop.run.Stop;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.torch.Parameters;
import dev.isoflop.torch.Safetensors;
import dev.isoflop.vit.Vit;
import dev.isoflop.vit.VitShape;

import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// How long k-NN and linear probe of 12,000 images of 64 pixels take once their features are kept:
/// an encoder of width 192 and depth 4, 10,000 images learned from, 2,000 judged.
///
///     java --enable-native-access=ALL-UNNAMED -cp 'target/isoflop.jar:target/lib/*' bench/Probe.java tiny-imagenet-200.tar 3
///
/// The first is Tiny-ImageNet (200 classes), or `world` for generated images (48, several of them
/// an image); the second the rounds, after one that computes the features. Prints of each the
/// seconds as a whole and by protocol, the processor's seconds, and the figures.
final class Probe {

    private static final VitShape SHAPE = new VitShape(192, 4, 3, 8, 64);

    private Probe() {}

    public static void main(String[] arguments) throws Exception {
        String images = arguments.length > 0 ? arguments[0] : "world";
        int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 3;
        Path folder = Files.createTempDirectory("probe");
        Path file = encoder(folder.resolve("vit.safetensors"));
        for (int round = 0; round <= rounds; round++) {
            Table settings = Table.parse("settings", data(images) + "baseline: false\n");
            Probing probing = Probing.of(file, settings, Set.of());
            double before = processor();
            long start = System.nanoTime();
            ProbeReport report = probing.run(RunListener.NONE, Stop.NEVER);
            double seconds = (System.nanoTime() - start) / 1e9;
            System.out.printf(
                    Locale.ROOT,
                    "%s: %.1f s, of the processor %.1f s%n",
                    round == 0 ? "with features" : "round " + round,
                    seconds,
                    processor() - before);
            for (ProbeReport.Probe probe : report.probes()) {
                System.out.printf(
                        Locale.ROOT,
                        "  %s %.2f s, %s %.6f, %s%n",
                        probe.protocol(),
                        probe.spent().seconds(),
                        probe.outcome().metric(),
                        probe.outcome().value(),
                        probe.outcome().trials());
            }
        }
    }

    private static String data(String images) {
        if (images.equals("world")) {
            return """
            train: {kind: world, images: 10000}
            validation: {kind: world, images: 2000, seed: 1}
            """;
        }
        return """
        train: {kind: tiny-imagenet, path: %1$s, split: train}
        validation: {kind: tiny-imagenet, path: %1$s, split: val}
        """
                .formatted(images);
    }

    /// An encoder as a seed begins it: how long probes take does not hang on what it learned.
    private static Path encoder(Path file) throws Exception {
        LibTorch.load();
        torch.manual_seed(1);
        Vit vit = new Vit(SHAPE);
        try (NoGradGuard _ = new NoGradGuard()) {
            Map<String, Tensor> weights = new LinkedHashMap<>();
            Parameters.named(vit).forEach((name, tensor) -> weights.put(name, tensor.detach()));
            String _ = Safetensors.write(file, weights, Card.of(vit, "a benchmark").metadata());
        }
        return file;
    }

    private static double processor() {
        var bean =
                (com.sun.management.OperatingSystemMXBean)
                        ManagementFactory.getOperatingSystemMXBean();
        return bean.getProcessCpuTime() / 1e9;
    }
}
