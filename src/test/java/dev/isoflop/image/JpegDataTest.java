package dev.isoflop.image;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/// A JPEG that has its end, but whose data break off before: what a decoder fills with grey.
class JpegDataTest {

    private static final byte[] END = {(byte) 0xff, (byte) 0xd9};
    private static final Raster IMAGE = noise(150, 101);

    private static Raster noise(int width, int height) {
        byte[] rgb = new byte[3 * width * height];
        new SplittableRandom(7).nextBytes(rgb);
        return new Raster(width, height, rgb);
    }

    private static String flaw(byte[] file) {
        try {
            Pixels.of("cat.jpg", new Encoded(file)).close();
            return "none";
        } catch (BrokenImageException e) {
            return e.reason();
        }
    }

    private static byte[] cut(byte[] file, int length) {
        byte[] cut = Arrays.copyOf(file, length);
        System.arraycopy(END, 0, cut, length - END.length, END.length);
        return cut;
    }

    /// The places of 0xff bytes that such a marker begins with.
    private static List<Integer> markers(byte[] file, int least, int most) {
        List<Integer> places = new ArrayList<>();
        for (int at = 0; at + 1 < file.length; at++) {
            int marker = file[at + 1] & 0xff;
            if (file[at] == (byte) 0xff && marker >= least && marker <= most) {
                places.add(at);
            }
        }
        return places;
    }

    private static int firstScan(byte[] file) {
        return markers(file, 0xda, 0xda).getFirst();
    }

    @Test
    void aWholeFileHoldsAllItsBlocks() {
        for (byte[] file :
                List.of(
                        SampleFiles.jpeg(IMAGE),
                        SampleFiles.progressive(IMAGE),
                        SampleFiles.restarting(IMAGE, 3))) {
            JpegData.Count count = JpegData.count(file);
            assertThat(count).isEqualTo(new JpegData.Count(10 * 7 * 6, 10 * 7 * 6)); // 4:2:0
            assertThat(flaw(file)).isEqualTo("none");
        }
    }

    @Test
    void aFileThatWasCutAndGivenAnEndIsDamaged() {
        byte[] file = SampleFiles.jpeg(IMAGE);
        long before = 420;
        for (int tenth = 9; tenth > 2; tenth--) {
            byte[] cut = cut(file, file.length * tenth / 10);
            long held = JpegData.count(cut).held();
            assertThat(held).isPositive().isLessThan(before);
            assertThat(flaw(cut))
                    .isEqualTo(
                            "damaged: it holds %d of its 420 blocks; a decoder makes grey of the others"
                                    .formatted(held));
            before = held;
        }
    }

    @Test
    void aMarkerWithinTheDataEndsThem() {
        byte[] file = SampleFiles.jpeg(IMAGE);
        file[file.length / 2] = (byte) 0xff;
        file[file.length / 2 + 1] = (byte) 0xd3; // of a restart, where none is due
        assertThat(flaw(file)).startsWith("damaged: it holds ");
    }

    @Test
    void greyIsNoFlawWhereTheFileSaysSo() {
        byte[] grey = new byte[3 * 64 * 48];
        Arrays.fill(grey, (byte) 128);
        byte[] file = SampleFiles.jpeg(new Raster(64, 48, grey));
        assertThat(flaw(file)).isEqualTo("none");
        assertThat(flaw(cut(file, file.length - 8))).startsWith("damaged: it holds ");
    }

    @Test
    void aCmykFileThatWasCutIsDamaged() throws IOException {
        byte[] file;
        try (InputStream in = JpegDataTest.class.getResourceAsStream("cmyk.jpg")) {
            file = in.readAllBytes();
        }
        int scan = firstScan(file);
        assertThat(flaw(file)).isEqualTo("none");
        assertThat(flaw(cut(file, scan + 18))).startsWith("damaged: it holds ");
    }

    @Test
    void aProgressiveFileNeedsItsFirstPassAlone() {
        byte[] file = SampleFiles.progressive(IMAGE);
        List<Integer> scans = markers(file, 0xda, 0xda);
        assertThat(scans).hasSizeGreaterThan(3);
        int within = (scans.get(0) + scans.get(1)) / 2;
        assertThat(flaw(cut(file, within))).startsWith("damaged: it holds ");
        int later = (scans.get(2) + scans.get(3)) / 2;
        assertThat(flaw(cut(file, later))).isEqualTo("none");
    }

    /// What follows a stretch that is lost is read again where the numbers of restarts say.
    @Test
    void aLostStretchBetweenRestartsIsDamage() {
        byte[] file = SampleFiles.restarting(IMAGE, 3);
        List<Integer> restarts = markers(file, 0xd0, 0xd7);
        int from = restarts.get(5);
        int to = restarts.get(7);
        byte[] without = new byte[file.length - (to - from)];
        System.arraycopy(file, 0, without, 0, from);
        System.arraycopy(file, to, without, from, file.length - to);
        assertThat(JpegData.count(without)).isEqualTo(new JpegData.Count(420, 420 - 2 * 3 * 6));
        assertThat(flaw(without)).startsWith("damaged: it holds 384 of its 420 blocks");
    }
}
