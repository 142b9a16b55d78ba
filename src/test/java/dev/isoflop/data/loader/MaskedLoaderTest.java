package dev.isoflop.data.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.isoflop.data.Background;
import dev.isoflop.data.Dataset;
import dev.isoflop.data.Field;
import dev.isoflop.data.Mask;
import dev.isoflop.data.MaskLabels;
import dev.isoflop.data.Sample;
import dev.isoflop.data.World;
import dev.isoflop.data.world.Cast;
import dev.isoflop.fault.InputException;
import dev.isoflop.image.Colour;
import dev.isoflop.image.Crop;
import dev.isoflop.image.Normalisation;
import dev.isoflop.image.Raster;
import dev.isoflop.image.Resampling;
import dev.isoflop.image.View;
import dev.isoflop.image.Window;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Images and masks are cut alike: each pixel of these says where it stood.
@Timeout(60)
class MaskedLoaderTest {

    private static final int SIDE = 48;

    /// Red is the column, green the row; the class of a pixel is its column, or its row where the
    /// index is odd. Images differ in size.
    private record Places(int size) implements Dataset {

        @Override
        public String name() {
            return "places";
        }

        @Override
        public Set<Field> fields() {
            return Set.of(Field.MASKS);
        }

        @Override
        public List<String> classNames() {
            return IntStream.range(0, 254).mapToObj(i -> "place " + i).toList();
        }

        @Override
        public String nameOf(int index) {
            return "place-" + index;
        }

        @Override
        public Sample read(int index) {
            int width = 30 + 23 * index % 200;
            int height = 30 + 37 * index % 150;
            byte[] rgb = new byte[3 * width * height];
            byte[] values = new byte[width * height];
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    int at = y * width + x;
                    rgb[3 * at] = (byte) x;
                    rgb[3 * at + 1] = (byte) y;
                    rgb[3 * at + 2] = (byte) (index % 2);
                    values[at] = (byte) (1 + (index % 2 == 0 ? x : y));
                }
            }
            return new Sample(
                    nameOf(index),
                    new Raster(width, height, rgb),
                    List.of(),
                    List.of(),
                    List.of(),
                    Optional.of(new Mask(width, height, values)));
        }

        @Override
        public void close() {}
    }

    private static View window(double flip, Resampling resampling) {
        Window window = new Window.Random(SIDE, 40, 0.5, 2, 0.25);
        return new View(SIDE, window, resampling, flip, Colour.NONE);
    }

    static Stream<View> everyKindOfView() {
        return Stream.of(
                window(0.5, Resampling.PILLOW_BILINEAR),
                window(0.5, Resampling.LIBTORCH_BICUBIC),
                window(1, Resampling.PILLOW_BICUBIC),
                new View(SIDE, Window.Central.of(SIDE), Resampling.PILLOW_BILINEAR, 0, Colour.NONE),
                new View(
                        SIDE,
                        Crop.RandomResized.of(0.3, 1),
                        Resampling.PILLOW_BILINEAR,
                        0.5,
                        Colour.NONE));
    }

    private static Loader.Settings settings(int chunk, int workers) {
        return new Loader.Settings(24, chunk, 42, workers, 3, 0.5);
    }

    private static Loader loader(Dataset data, List<View> views, Loader.Settings how, long end) {
        return Loader.withMasks(data, views, MaskLabels.of(data), how, 0, end);
    }

    /// Where an image's pixels say that they stood is where their labels say it, to within a pixel
    /// or the width of what one pixel of the view shows.
    @ParameterizedTest
    @MethodSource("everyKindOfView")
    void imageAndMaskAreCutAlike(View view) {
        Places places = new Places(24);
        long shown = 0;
        long padded = 0;
        try (Loader loader = loader(places, List.of(view), settings(8, 2), 96)) {
            for (int c = 0; c < 12; c++) {
                try (Chunk chunk = loader.take()) {
                    MemorySegment labels = chunk.labels(0);
                    for (int i = 0; i < chunk.size(); i++) {
                        long bytes = 12L * SIDE * SIDE;
                        MemorySegment planes = chunk.pixels(0).asSlice(i * bytes, bytes);
                        Raster image = Normalisation.restore(planes, SIDE);
                        for (int y = 0; y < SIDE; y++) {
                            for (int x = 0; x < SIDE; x++) {
                                long at = ((long) i * SIDE + y) * SIDE + x;
                                int label = labels.get(ValueLayout.JAVA_BYTE, at) & 0xff;
                                if (label == MaskLabels.IGNORED) {
                                    float red =
                                            planes.getAtIndex(
                                                    ValueLayout.JAVA_FLOAT, (long) y * SIDE + x);
                                    assertThat(red).as("padding is the mean").isZero();
                                    padded++;
                                } else {
                                    int channel = image.at(x, y, 2) == 0 ? 0 : 1;
                                    assertThat(label)
                                            .isBetween(
                                                    image.at(x, y, channel) - 3,
                                                    image.at(x, y, channel) + 3);
                                    shown++;
                                }
                            }
                        }
                    }
                }
            }
        }
        assertThat(shown).isGreaterThan(12L * 8 * SIDE * SIDE / 3);
        boolean windowed = view.crop() instanceof Window.Random;
        assertThat(padded > 0).as("some views are padded").isEqualTo(windowed);
    }

    /// A flip turns the columns of the labels around and leaves padding on the right.
    @Test
    void aFlipIsTheMasksToo() {
        Places places = new Places(1);
        List<byte[]> both = new ArrayList<>();
        for (double flip : new double[] {0, 1}) {
            Window asItIs = new Window.Central(SIDE, 0);
            View view = new View(SIDE, asItIs, Resampling.PILLOW_BILINEAR, flip, Colour.NONE);
            Loader.Settings one = new Loader.Settings(1, 1, 42, 1, 1, 1);
            try (Loader loader = loader(places, List.of(view), one, 1);
                    Chunk chunk = loader.take()) {
                both.add(chunk.labels(0).toArray(ValueLayout.JAVA_BYTE));
            }
        }
        for (int x = 0; x < SIDE; x++) {
            int plain = both.get(0)[x] & 0xff;
            int flipped = both.get(1)[x] & 0xff;
            assertThat(plain).isEqualTo(x < 30 ? x : MaskLabels.IGNORED);
            assertThat(flipped).isEqualTo(x < 30 ? 29 - x : MaskLabels.IGNORED);
        }
    }

    /// The labels of a run, a hash an image.
    private static List<Integer> labels(Dataset data, Loader.Settings how, long first, long end) {
        List<View> views = List.of(window(0.5, Resampling.PILLOW_BILINEAR), View.mae(16));
        List<Integer> hashes = new ArrayList<>();
        try (Loader loader = Loader.withMasks(data, views, MaskLabels.of(data), how, first, end)) {
            for (long next = first; next < end; ) {
                try (Chunk chunk = loader.take()) {
                    for (int i = 0; i < chunk.size(); i++) {
                        int hash = 0;
                        for (int view = 0; view < 2; view++) {
                            long area = view == 0 ? SIDE * SIDE : 16 * 16;
                            MemorySegment one = chunk.labels(view).asSlice(i * area, area);
                            hash = 31 * hash + Arrays.hashCode(one.toArray(ValueLayout.JAVA_BYTE));
                        }
                        hashes.add(hash);
                    }
                    next += chunk.size();
                }
            }
        }
        return hashes;
    }

    @Test
    void threadsChunksAndWhereARunBeganDecideNothing() {
        Places places = new Places(20);
        List<Integer> alone = labels(places, settings(24, 1), 0, 96);
        assertThat(labels(places, settings(5, 3), 0, 96)).isEqualTo(alone);
        assertThat(labels(places, settings(8, 2), 48, 96)).isEqualTo(alone.subList(48, 96));
        assertThat(labels(places, new Loader.Settings(24, 24, 43, 2, 2, 1), 0, 96))
                .doesNotContainAnyElementsOf(alone);
    }

    @Test
    void masksChangeNoPixel() {
        World world = new World.Config(20, 64, 1).open();
        List<View> views = List.of(View.mae(32), View.byolFirst(24), View.segmentation(40));
        try (Loader plain = new Loader(world, views, settings(24, 2), 0, 24);
                Loader masked = loader(world, views, settings(24, 2), 24);
                Chunk one = plain.take();
                Chunk other = masked.take()) {
            for (int view = 0; view < views.size(); view++) {
                assertThat(other.pixels(view).mismatch(one.pixels(view))).isEqualTo(-1);
            }
            assertThatIllegalStateException()
                    .isThrownBy(() -> one.labels(0))
                    .withMessage("this loader was not asked for masks");
        }
    }

    @Test
    void theBackgroundIsAClassOrIgnored() throws Exception {
        World world = new World.Config(4, 32, 1).open();
        MaskLabels asClass = MaskLabels.of(world);
        int k = world.classNames().size();
        assertThat(asClass.names()).hasSize(k + 1).endsWith("background");
        Mask mask = world.readWithMask(0).mask().orElseThrow();
        World other =
                new World.Config(
                                4,
                                32,
                                1,
                                Background.IGNORED,
                                Cast.USUAL,
                                World.Labels.TEXTURE_AND_SHAPE)
                        .open();
        MaskLabels ignoring = MaskLabels.of(other);
        assertThat(ignoring.names()).isEqualTo(world.classNames());
        byte[] with = asClass.of(mask);
        byte[] without = ignoring.of(mask);
        long background = 0;
        for (int i = 0; i < with.length; i++) {
            int value = mask.at(i % 32, i / 32);
            background += value == 0 ? 1 : 0;
            assertThat(with[i] & 0xff).isEqualTo(value == 0 ? k : value - 1);
            assertThat(without[i] & 0xff).isEqualTo(value == 0 ? 255 : value - 1);
        }
        assertThat(background).isBetween(1L, 1023L);
    }

    /// The world, with one mask too small.
    private static final class Misfit implements Dataset {
        private final World world = new World.Config(4, 32, 1).open();

        @Override
        public String name() {
            return "misfit";
        }

        @Override
        public int size() {
            return 4;
        }

        @Override
        public Set<Field> fields() {
            return world.fields();
        }

        @Override
        public List<String> classNames() {
            return world.classNames();
        }

        @Override
        public String nameOf(int index) {
            return world.nameOf(index);
        }

        @Override
        public Sample read(int index) throws IOException {
            Sample whole = world.read(index);
            Mask small = new Mask(16, 32, new byte[16 * 32]);
            return new Sample(
                    whole.name(),
                    whole.picture(),
                    whole.labels(),
                    whole.captions(),
                    whole.boxes(),
                    index == 2 ? Optional.of(small) : whole.mask());
        }

        @Override
        public void close() {}
    }

    @Test
    void aMaskOfAnotherSizeIsTheUsersError() {
        List<View> views = List.of(View.segmentation(16));
        try (Loader loader = loader(new Misfit(), views, settings(4, 2), 4)) {
            assertThatExceptionOfType(InputException.class)
                    .isThrownBy(loader::take)
                    .withMessage(
                            "the mask of world/1/2 is 16 x 32, and the image 32 x 32; make them the"
                                    + " same size");
        }
    }

    @Test
    void withoutMasksThereAreNoLabels() {
        Dataset plain =
                new Dataset() {
                    @Override
                    public String name() {
                        return "plain";
                    }

                    @Override
                    public int size() {
                        return 1;
                    }

                    @Override
                    public Set<Field> fields() {
                        return Set.of(Field.LABELS);
                    }

                    @Override
                    public List<String> classNames() {
                        return List.of("a");
                    }

                    @Override
                    public String nameOf(int index) {
                        return "a";
                    }

                    @Override
                    public Sample read(int index) {
                        throw new UnsupportedOperationException();
                    }

                    @Override
                    public void close() {}
                };
        assertThatExceptionOfType(InputException.class)
                .isThrownBy(() -> MaskLabels.of(plain))
                .withMessageStartingWith("plain has no masks; take data.kind ade20k, image-mask,");
    }
}
