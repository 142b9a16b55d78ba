package dev.isoflop.data.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.isoflop.data.Dataset;
import dev.isoflop.data.Field;
import dev.isoflop.data.Sample;
import dev.isoflop.data.World;
import dev.isoflop.fault.RunException;
import dev.isoflop.image.Colour;
import dev.isoflop.image.Crop;
import dev.isoflop.image.Encoded;
import dev.isoflop.image.Raster;
import dev.isoflop.image.Resampling;
import dev.isoflop.image.SampleFiles;
import dev.isoflop.image.View;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

@Timeout(60)
class LoaderTest {

    @TempDir Path folder = Path.of("");

    private static final List<View> TWO_VIEWS =
            List.of(
                    View.mae(24),
                    new View(
                            16,
                            new Crop.RandomResized(0.1, 0.5, 1, 1),
                            Resampling.LIBTORCH_BICUBIC,
                            0.5,
                            Colour.NONE));

    /// JPEG files made for the test, some of them broken.
    private record Photos(int size, Set<Integer> broken) implements Dataset {

        private static final byte[] JPEG = SampleFiles.jpeg(SampleFiles.gradient(40, 30));

        @Override
        public String name() {
            return "files";
        }

        @Override
        public Set<Field> fields() {
            return Set.of(Field.LABELS);
        }

        @Override
        public List<String> classNames() {
            return List.of();
        }

        @Override
        public String nameOf(int index) {
            return "file-" + index;
        }

        @Override
        public Sample read(int index) {
            byte[] file = broken.contains(index) ? Arrays.copyOf(JPEG, JPEG.length - 9) : JPEG;
            return new Sample(nameOf(index), new Encoded(file), List.of(index));
        }

        @Override
        public void close() {}
    }

    private static Photos filesWithBroken(int size, int... broken) {
        return new Photos(size, Set.copyOf(IntStream.of(broken).boxed().toList()));
    }

    private static Loader.Settings settings(int batch, int chunk, int workers) {
        return new Loader.Settings(batch, chunk, 42, workers, 3, 0.5);
    }

    /// The images of a run, one string each: number, name, labels and the bits of all views.
    private static List<String> images(
            Dataset dataset, Loader.Settings settings, long first, long end) {
        var images = new ArrayList<String>();
        try (var loader = new Loader(dataset, TWO_VIEWS, settings, first, end)) {
            long next = first;
            while (next < end) {
                try (Chunk chunk = loader.take()) {
                    assertThat(chunk.firstImage()).isEqualTo(next);
                    for (int i = 0; i < chunk.size(); i++) {
                        Item item = chunk.items().get(i);
                        images.add(
                                item.number()
                                        + " "
                                        + item.name()
                                        + " "
                                        + item.labels()
                                        + " "
                                        + Arrays.hashCode(floats(chunk, 0, i))
                                        + " "
                                        + Arrays.hashCode(floats(chunk, 1, i)));
                    }
                    next += chunk.size();
                }
            }
        }
        return images;
    }

    private static float[] floats(Chunk chunk, int view, int image) {
        int length = 3 * TWO_VIEWS.get(view).size() * TWO_VIEWS.get(view).size();
        MemorySegment all = chunk.pixels(view);
        return all.asSlice(4L * length * image, 4L * length).toArray(ValueLayout.JAVA_FLOAT);
    }

    private static List<Integer> chunkSizes(int batch, int chunk, long end) {
        var sizes = new ArrayList<Integer>();
        World world = new World.Config(50, 16, 1).open();
        try (var loader = new Loader(world, TWO_VIEWS, settings(batch, chunk, 2), 0, end)) {
            for (long next = 0; next < end; next += sizes.getLast()) {
                try (Chunk taken = loader.take()) {
                    sizes.add(taken.size());
                }
            }
            assertThatExceptionOfType(NoSuchElementException.class)
                    .isThrownBy(loader::take)
                    .withMessage("all images before number %d were taken".formatted(end));
        }
        return sizes;
    }

    @Test
    void threadsDecideNothing() {
        Dataset dataset = filesWithBroken(40, 3, 17, 18, 39);
        List<String> alone = images(dataset, settings(16, 8, 1), 0, 112);
        assertThat(images(dataset, settings(16, 8, 3), 0, 112)).isEqualTo(alone);
    }

    @Test
    void theSizeOfChunksAndBatchesDecidesNothing() {
        World world = new World.Config(40, 32, 1).open();
        List<String> eights = images(world, settings(16, 8, 2), 0, 80);
        assertThat(images(world, settings(16, 5, 2), 0, 80)).isEqualTo(eights);
        assertThat(images(world, settings(80, 80, 2), 0, 80)).isEqualTo(eights);
        assertThat(images(world, settings(1, 1, 2), 0, 80)).isEqualTo(eights);
    }

    @Test
    void aRunResumedSeesWhatItWouldHaveSeen() {
        World world = new World.Config(40, 32, 1).open();
        List<String> whole = images(world, settings(16, 8, 2), 0, 80);
        List<String> rest = images(world, settings(16, 8, 2), 48, 80);
        assertThat(rest).isEqualTo(whole.subList(48, 80));
    }

    @Test
    void theSeedDecidesOrderAndViews() {
        World world = new World.Config(40, 32, 1).open();
        var other = new Loader.Settings(16, 8, 43, 2, 3, 0.5);
        assertThat(images(world, other, 0, 80))
                .doesNotContainAnyElementsOf(images(world, settings(16, 8, 2), 0, 80));
    }

    @Test
    void everyImageIsSeenOnceAnEpochAndDifferentlyTheNextTime() {
        World world = new World.Config(40, 32, 1).open();
        List<String> images = images(world, settings(40, 8, 2), 0, 80);
        List<String> names = images.stream().map(image -> image.split(" ", 3)[1]).toList();
        assertThat(names.subList(0, 40)).doesNotHaveDuplicates();
        assertThat(names.subList(40, 80)).containsExactlyInAnyOrderElementsOf(names.subList(0, 40));
        assertThat(images.stream().map(image -> image.split(" ", 3)[2])).doesNotHaveDuplicates();
    }

    @Test
    void aChunkEndsWhereItsBatchEnds() {
        assertThat(chunkSizes(20, 8, 40)).containsExactly(8, 8, 4, 8, 8, 4);
        assertThat(chunkSizes(20, 8, 30)).containsExactly(8, 8, 4, 8, 2);
        assertThat(chunkSizes(4, 8, 8)).containsExactly(4, 4);
    }

    @Test
    void aBrokenFileIsReplacedByTheNextAndCountedOnce() {
        Dataset dataset = filesWithBroken(40, 7, 8);
        var order = new Shuffle(42, 40);
        try (var loader = new Loader(dataset, TWO_VIEWS, settings(40, 40, 2), 0, 120)) {
            for (int epoch = 0; epoch < 3; epoch++) {
                try (Chunk chunk = loader.take()) {
                    for (Item item : chunk.items()) {
                        int index = order.index(item.number());
                        int shown = index == 7 || index == 8 ? 9 : index;
                        assertThat(item.name()).isEqualTo("file-" + shown);
                        assertThat(item.labels()).containsExactly(shown);
                    }
                }
            }
            assertThat(loader.broken().all())
                    .extracting(Broken::name)
                    .containsExactlyInAnyOrder("file-7", "file-8");
            assertThat(loader.broken().tried()).as("in three epochs").isEqualTo(40);
            assertThat(loader.broken().share()).isEqualTo(2.0 / 40);
            assertThat(loader.broken().all().getFirst().reason())
                    .startsWith("truncated: no end of image within its");
        }
    }

    @Test
    void theFirstFileReplacesTheLast() {
        try (var loader = new Loader(filesWithBroken(3, 2), TWO_VIEWS, settings(3, 3, 1), 0, 3)) {
            try (Chunk chunk = loader.take()) {
                assertThat(chunk.items())
                        .extracting(Item::name)
                        .containsExactlyInAnyOrder("file-0", "file-0", "file-1");
            }
        }
    }

    @Test
    void tooManyBrokenFilesEndTheRunWithAList() {
        int[] broken = IntStream.range(0, 400).filter(i -> i % 4 == 0).toArray();
        Dataset dataset = filesWithBroken(400, broken);
        var strict = new Loader.Settings(50, 50, 42, 2, 2, 0.1);
        try (var loader = new Loader(dataset, TWO_VIEWS, strict, 0, 400)) {
            loader.take().close(); // fewer than 100 files: not judged yet
            assertThatExceptionOfType(RunException.class)
                    .isThrownBy(() -> {
                        loader.take().close();
                        loader.take().close();
                    })
                    .withMessageMatching(
                            "(?s)\\d\\d of the 1\\d\\d images tried so far are broken \\(a share of"
                                + " 0\\.\\d{3}, and 0\\.1 is borne\\):\n"
                                + "(  file-\\d+: truncated: no end of image within its \\d+ bytes\n"
                                + "){10}  and \\d+ more\n"
                                + "Mend or remove them, or allow a larger share of broken"
                                + " images\\.");
        }
    }

    private static BrokenImages brokenAfter(Dataset dataset, Path file, long first, long end) {
        var settings = new Loader.Settings(10, 10, 42, 2, 2, 1);
        try (var loader = new Loader(dataset, TWO_VIEWS, settings, first, end)) {
            loader.keepBroken(file);
            for (long taken = first; taken < end; taken += 10) {
                loader.take().close();
            }
            return loader.broken();
        }
    }

    @Test
    void aRunThatGoesOnCountsOnFromTheBrokenImagesBeforeIt() {
        int[] broken = IntStream.range(0, 400).filter(i -> i % 7 < 2).toArray();
        Dataset dataset = filesWithBroken(400, broken);
        BrokenImages expected = brokenAfter(dataset, folder.resolve("whole"), 0, 200);
        assertThat(expected.tried()).isBetween(200L, 300L);
        assertThat(expected.count()).isGreaterThan(50);
        Path file = folder.resolve("parts");
        brokenAfter(dataset, file, 0, 120); // killed after its checkpoint of 80 images
        assertThat(brokenAfter(dataset, file, 80, 200)).isEqualTo(expected);
        assertThat(brokenAfter(dataset, file, 400, 410).tried()).as("an epoch").isEqualTo(400);
    }

    @Test
    void aLineOfABrokenImageThatWasHalfWrittenIsWrittenAgain() throws IOException {
        Dataset dataset = filesWithBroken(40, 3, 17, 18, 39);
        Path file = folder.resolve("broken");
        BrokenImages expected = brokenAfter(dataset, file, 0, 40);
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length - 5));
        assertThat(brokenAfter(dataset, file, 0, 40)).isEqualTo(expected);
        assertThat(file).hasBinaryContent(whole);
    }

    @Test
    void aRunThatIsOlderThanItsListCountsWhatItSees() {
        Dataset dataset = filesWithBroken(40, 3);
        assertThat(brokenAfter(dataset, folder.resolve("none"), 20, 40).tried())
                .isBetween(20L, 21L);
    }

    @Test
    void theListOfAResultIsBounded() {
        List<Broken> many =
                IntStream.range(0, 300).mapToObj(i -> new Broken("file-" + i, "empty")).toList();
        BrokenImages images = new BrokenImages(1200, many);
        assertThat(images.count()).isEqualTo(300);
        assertThat(images.share()).isEqualTo(0.25);
        assertThat(images.first()).hasSize(100).isEqualTo(many.subList(0, 100));
        assertThat(new BrokenImages(0, List.of()).share()).isZero();
    }

    @Test
    void nothingButBrokenFilesEndsTheRunAtOnce() {
        int[] all = IntStream.range(0, 300).toArray();
        try (var loader =
                new Loader(
                        filesWithBroken(300, all),
                        TWO_VIEWS,
                        new Loader.Settings(4, 4, 42, 2, 2, 1),
                        0,
                        8)) {
            assertThatExceptionOfType(RunException.class)
                    .isThrownBy(loader::take)
                    .withMessageStartingWith(
                            "100 of the 100 images tried so far are broken (100 in a row):");
        }
    }

    @Test
    void aDefectInAWorkerReachesWhoTakes() {
        var world = new World.Config(40, 16, 1).open();
        Dataset defective =
                new Wrapped(world) {
                    @Override
                    public Sample read(int index) {
                        throw new UnsupportedOperationException("a defect");
                    }
                };
        try (var loader = new Loader(defective, TWO_VIEWS, settings(4, 4, 2), 0, 8)) {
            assertThatIllegalStateException()
                    .isThrownBy(loader::take)
                    .withMessageContaining(
                            "could not be prepared:"
                                    + " java.lang.UnsupportedOperationException: a defect")
                    .withCauseInstanceOf(UnsupportedOperationException.class);
        }
    }

    @Test
    void onlyWhatWasAskedForIsPreparedAhead() throws InterruptedException {
        var read = new CountDownLatch(12);
        Dataset counting =
                new Wrapped(new World.Config(100, 16, 1).open()) {
                    @Override
                    public Sample read(int index) {
                        read.countDown();
                        return super.read(index);
                    }
                };
        try (var loader = new Loader(counting, TWO_VIEWS, settings(4, 4, 2), 0, 100)) {
            read.await();
            Thread.sleep(100);
            assertThat(read.getCount()).as("3 chunks of 4 images, no more").isZero();
            loader.take();
        }
    }

    @Test
    void closingStopsTheThreads() {
        var before = Thread.getAllStackTraces().keySet();
        World world = new World.Config(1000, 64, 1).open();
        var loader = new Loader(world, TWO_VIEWS, settings(100, 100, 3), 0, 1_000_000);
        loader.take().close();
        long asked = System.nanoTime();
        loader.close();
        assertThat((System.nanoTime() - asked) / 1e9).as("seconds to close").isLessThan(2);
        assertThat(Thread.getAllStackTraces().keySet())
                .filteredOn(thread -> !before.contains(thread))
                .extracting(Thread::getName)
                .noneMatch(name -> name.startsWith("loader-"));
        assertThatIllegalStateException()
                .isThrownBy(loader::take)
                .withMessage("the loader is closed");
    }

    @Test
    void memoryIsUsedAgain() {
        World world = new World.Config(50, 16, 1).open();
        try (var loader = new Loader(world, TWO_VIEWS, settings(8, 8, 2), 0, 400)) {
            long[] addresses = new long[50];
            for (int i = 0; i < addresses.length; i++) {
                try (Chunk chunk = loader.take()) {
                    addresses[i] = chunk.pixels(0).address();
                    assertThat(addresses[i] % 64).isZero();
                }
            }
            assertThat(LongStream.of(addresses).distinct().count()).isLessThanOrEqualTo(4);
        }
    }

    @Test
    void aChunkGivenBackShowsNothing() {
        World world = new World.Config(50, 16, 1).open();
        try (var loader = new Loader(world, TWO_VIEWS, settings(8, 8, 2), 0, 8)) {
            Chunk chunk = loader.take();
            chunk.close();
            assertThatIllegalStateException()
                    .isThrownBy(() -> chunk.pixels(0))
                    .withMessage("this chunk was given back; its memory is used again");
        }
    }

    @Test
    void waitingIsTimed() {
        World world = new World.Config(50, 128, 1).open();
        try (var loader = new Loader(world, TWO_VIEWS, settings(50, 50, 1), 0, 50)) {
            assertThat(loader.secondsWaited()).isZero();
            loader.take().close();
            assertThat(loader.secondsWaited()).isGreaterThan(0.001);
        }
    }

    @Test
    void aDrawnWorldKeepsItsCaptionsBoxesAndMasks() {
        World world = new World.Config(50, 16, 1).open();
        try (var loader = new Loader(world, TWO_VIEWS, settings(8, 8, 2), 0, 8)) {
            try (Chunk chunk = loader.take()) {
                Item item = chunk.items().getFirst();
                assertThat(item.captions()).hasSize(2);
                assertThat(item.boxes()).isNotEmpty();
                assertThat(item.mask()).isPresent();
                assertThat(world.read(new Shuffle(42, 50).index(0)).picture())
                        .isInstanceOf(Raster.class);
            }
        }
    }

    @Test
    void settingsOutOfRangeAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> settings(0, 4, 1))
                .withMessage("batch is 0; it must be 1 or more");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Loader.Settings(4, 4, 1, 1, 1, 5))
                .withMessage("maxBrokenShare is 5.0; write a share from 0 to 1, such as 0.01");
        World world = new World.Config(50, 16, 1).open();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Loader(world, TWO_VIEWS, settings(8, 8, 1), 4, 80).close())
                .withMessage("images 4 to 80 do not begin with a batch of 8");
    }

    /// A dataset of which a test changes how it is read.
    private static class Wrapped implements Dataset {

        private final World world;

        Wrapped(World world) {
            this.world = world;
        }

        @Override
        public String name() {
            return world.name();
        }

        @Override
        public int size() {
            return world.size();
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
        public Sample read(int index) {
            return world.read(index);
        }

        @Override
        public void close() {}
    }
}
