import com.sun.management.OperatingSystemMXBean;

import dev.isoflop.image.BrokenImageException;
import dev.isoflop.image.Canvas;
import dev.isoflop.image.Encoded;
import dev.isoflop.image.Picture;
import dev.isoflop.image.Pixels;
import dev.isoflop.image.View;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/// How many images a second of processor time are augmented: two views of 224 each, with a method's
/// official chain from crop to normalised floats.
///
///     java -cp 'target/isoflop.jar:target/lib/*' bench/Augment.java DIR METHOD SOURCE
///
/// METHOD is `simclr`, `byol`, `dino` or `mae`; SOURCE is `pixels` (decoded beforehand) or `jpeg`.
/// Prints images a second, after warming up. `bench/augment.sh` runs it beside torchvision.
final class Augment {

    private static final int SIZE = 224;
    private static final double WARM_UP = 8; // seconds; the compiler has little to do then
    private static final double MEASURED = 4; // seconds

    private Augment() {}

    public static void main(String[] arguments) throws IOException, BrokenImageException {
        List<Picture> pictures = read(Path.of(arguments[0]));
        List<View> views =
                switch (arguments[1]) {
                    case "simclr" -> List.of(View.simClr(SIZE), View.simClr(SIZE));
                    case "byol" -> List.of(View.byolFirst(SIZE), View.byolSecond(SIZE));
                    case "dino" -> List.of(View.dinoGlobalFirst(SIZE), View.dinoGlobalSecond(SIZE));
                    case "mae" -> List.of(View.mae(SIZE), View.mae(SIZE));
                    default -> throw new IllegalArgumentException(arguments[1]);
                };
        boolean decoded = arguments[2].equals("pixels");
        List<Pixels> pixels = new ArrayList<>();
        if (decoded) {
            for (Picture picture : pictures) {
                pixels.add(Pixels.of("an image", picture));
            }
        }
        var canvas = new Canvas();
        MemorySegment planes = Arena.global().allocate(4L * 3 * SIZE * SIZE, 64);
        int seed = 0;
        int images = 0;
        long started = 0;
        long from = cpuNanos();
        while (true) {
            for (int i = 0; i < pictures.size(); i++) {
                var random = new SplittableRandom(seed++);
                if (decoded) {
                    cut(pixels.get(i), views, random, canvas, planes);
                } else {
                    try (Pixels fresh = Pixels.of("an image", pictures.get(i))) {
                        cut(fresh, views, random, canvas, planes);
                    }
                }
                images++;
            }
            double seconds = (cpuNanos() - from) / 1e9;
            if (started == 0 && seconds > WARM_UP) {
                started = cpuNanos();
                from = started;
                images = 0;
            } else if (started > 0 && seconds > MEASURED) {
                System.out.printf("%.1f%n", images / seconds);
                return;
            }
        }
    }

    private static void cut(
            Pixels pixels,
            List<View> views,
            SplittableRandom random,
            Canvas canvas,
            MemorySegment planes) {
        for (View view : views) {
            pixels.cut(view, random, canvas, planes);
        }
    }

    private static List<Picture> read(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            List<Picture> pictures = new ArrayList<>();
            files.filter(file -> file.toString().endsWith(".jpg"))
                    .sorted()
                    .forEach(file -> pictures.add(new Encoded(bytes(file))));
            return pictures;
        }
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Of all threads of the process: what else runs on the machine is left out, the JVM's own work
    /// is not.
    private static long cpuNanos() {
        var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return system.getProcessCpuTime();
    }
}
