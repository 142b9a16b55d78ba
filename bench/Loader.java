import com.sun.management.OperatingSystemMXBean;

import dev.isoflop.data.Dataset;
import dev.isoflop.data.ImageFolder;
import dev.isoflop.data.loader.Chunk;
import dev.isoflop.data.world.Painter;
import dev.isoflop.data.world.Scene;
import dev.isoflop.image.Raster;
import dev.isoflop.image.View;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;

import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;

/// How many images a second of processor time the loader prepares: JPEG of 500 x 375 -> antialiased
/// random resized crop of 224 -> flip -> normalised floats.
///
///     java -cp 'target/isoflop.jar:target/lib/*' bench/Loader.java DIR
///     java -cp 'target/isoflop.jar:target/lib/*' bench/Loader.java DIR make
///
/// The second makes the images. The first prints images a second, after warming up. `bench/loader.sh`
/// runs it beside Pillow.
final class Loader {

    private static final int IMAGES = 200;
    private static final int WIDTH = 500;
    private static final int HEIGHT = 375;
    private static final int WARM_UP = 8_000; // images; the compiler has no more to do then
    private static final int MEASURED = 4_000; // images
    private static final int CHUNK = 16;

    private Loader() {}

    public static void main(String[] arguments) throws IOException {
        Path directory = Path.of(arguments[0]);
        if (arguments.length > 1) {
            make(directory);
            return;
        }
        var settings = new dev.isoflop.data.loader.Loader.Settings(CHUNK, CHUNK, 1, 1, 2, 0);
        try (Dataset dataset = new ImageFolder.Config(directory).open();
                var loader =
                        new dev.isoflop.data.loader.Loader(
                                dataset, List.of(View.mae(224)), settings, 0, WARM_UP + MEASURED)) {
            take(loader, WARM_UP);
            long started = cpuNanos();
            take(loader, MEASURED);
            double seconds = (cpuNanos() - started) / 1e9;
            System.out.printf("%.1f%n", MEASURED / seconds);
        }
    }

    /// Of all threads of the process: what else runs on the machine is left out, the JVM's own work
    /// is not.
    private static long cpuNanos() {
        var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return system.getProcessCpuTime();
    }

    private static void take(dev.isoflop.data.loader.Loader loader, int images) {
        int taken = 0;
        while (taken < images) {
            try (Chunk chunk = loader.take()) {
                taken += chunk.size();
            }
        }
    }

    /// Photographs of a kind: a drawn scene with grain, of about the bytes of one of ImageNet.
    private static void make(Path directory) throws IOException {
        Files.createDirectories(directory);
        var random = new SplittableRandom(1);
        for (int i = 0; i < IMAGES; i++) {
            Raster drawn = Painter.paint(Scene.random(random), WIDTH).image();
            var image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
            for (int y = 0; y < HEIGHT; y++) {
                for (int x = 0; x < WIDTH; x++) {
                    int grain = random.nextInt(-14, 15);
                    int rgb = 0;
                    for (int c = 0; c < 3; c++) {
                        rgb = rgb << 8 | Math.clamp(drawn.at(x, y, c) + grain, 0, 255);
                    }
                    image.setRGB(x, y, rgb);
                }
            }
            write(image, directory.resolve("%03d.jpg".formatted(i)));
        }
    }

    private static void write(BufferedImage image, Path file) throws IOException {
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        ImageWriteParam quality = writer.getDefaultWriteParam();
        quality.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
        quality.setCompressionQuality(0.9f);
        try (ImageOutputStream out = ImageIO.createImageOutputStream(file.toFile())) {
            writer.setOutput(out);
            writer.write(null, new IIOImage(image, null, null), quality);
        }
        writer.dispose();
    }
}
