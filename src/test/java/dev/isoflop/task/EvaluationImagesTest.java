package dev.isoflop.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.isoflop.data.Dataset;
import dev.isoflop.data.Field;
import dev.isoflop.data.Mask;
import dev.isoflop.data.MaskLabels;
import dev.isoflop.data.Sample;
import dev.isoflop.fault.InputException;
import dev.isoflop.image.BrokenImageException;
import dev.isoflop.image.Canvas;
import dev.isoflop.image.Pixels;
import dev.isoflop.image.Raster;
import dev.isoflop.image.Resampling;
import dev.isoflop.image.Whole;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.torch.Ops;

import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// Whole images that a network is evaluated on come in order, prepared ahead.
@Timeout(60)
class EvaluationImagesTest {

    private static final int SIZE = 9;
    private static final int BROKEN = 4;
    private static final int BASE = 40;
    private static final int PATCH = 16;

    /// Pictures of many sizes, one of them broken.
    private record Places(CountDownLatch read, int misfit) implements Dataset {

        Places() {
            this(new CountDownLatch(SIZE), -1);
        }

        @Override
        public String name() {
            return "places";
        }

        @Override
        public int size() {
            return SIZE;
        }

        @Override
        public Set<Field> fields() {
            return Set.of(Field.MASKS);
        }

        @Override
        public List<String> classNames() {
            return List.of("left", "right");
        }

        @Override
        public String nameOf(int index) {
            return "place-" + index;
        }

        @Override
        public Sample read(int index) {
            Random random = new Random(index);
            int width = 30 + random.nextInt(60);
            int height = 30 + random.nextInt(60);
            byte[] rgb = new byte[3 * width * height];
            random.nextBytes(rgb);
            byte[] values = new byte[width * height];
            for (int i = 0; i < values.length; i++) {
                values[i] = (byte) random.nextInt(3);
            }
            Mask mask =
                    index == misfit ? new Mask(1, 1, new byte[1]) : new Mask(width, height, values);
            return new Sample(
                    nameOf(index),
                    new Raster(width, height, rgb),
                    List.of(),
                    List.of(),
                    List.of(),
                    Optional.of(mask));
        }

        @Override
        public Sample readWithMask(int index) throws BrokenImageException {
            read.countDown();
            if (index == BROKEN) {
                throw new BrokenImageException(nameOf(index), "truncated");
            }
            return read(index);
        }

        @Override
        public void close() {}
    }

    @BeforeAll
    static void load() {
        LibTorch.load();
    }

    private static EvaluationImages images(Dataset data, Protocol protocol, int threads) {
        return new EvaluationImages(data, MaskLabels.of(data), protocol, PATCH, threads, 1);
    }

    static Stream<Protocol> wholeImages() {
        return Stream.of(
                new Protocol.Whole(BASE),
                new Protocol.Whole(0),
                new Protocol.Sliding(32, 20, BASE));
    }

    @ParameterizedTest
    @MethodSource("wholeImages")
    void everyReadableImageIsVisitedOnceInOrderWithTheSameBits(Protocol protocol) throws Exception {
        Places places = new Places();
        for (int threads : new int[] {1, 3}) {
            List<Integer> visited = new ArrayList<>();
            List<String> broken = new ArrayList<>();
            boolean complete =
                    images(places, protocol, threads)
                            .visit(
                                    example -> {
                                        visited.add(example.number());
                                        assertSame(example, places, protocol);
                                        return true;
                                    },
                                    broken::add);
            assertThat(complete).isTrue();
            assertThat(visited).containsExactly(0, 1, 2, 3, 5, 6, 7, 8);
            assertThat(broken).containsExactly("place-4: truncated");
        }
    }

    private static void assertSame(
            EvaluationImages.Example example, Places places, Protocol protocol) {
        Sample sample = places.read(example.number());
        try (PointerScope _ = new PointerScope();
                Pixels pixels = Pixels.of(sample.name(), sample.picture())) {
            Whole whole =
                    pixels.whole(protocol.base(), PATCH, Resampling.PILLOW_BILINEAR, new Canvas());
            assertThat(
                            example.pixels()
                                    .equal(
                                            Ops.tensor(
                                                    whole.pixels(),
                                                    1,
                                                    3,
                                                    whole.height(),
                                                    whole.width())))
                    .isTrue();
            assertThat(example.name()).isEqualTo(sample.name());
            assertThat(example.shownWidth()).isEqualTo(whole.frame().width());
            assertThat(example.shownHeight()).isEqualTo(whole.frame().height());
            assertThat(example.truth())
                    .isEqualTo(MaskLabels.of(places).of(sample.mask().orElseThrow()));
            assertThat(example.picture().rgb()).isEqualTo(((Raster) sample.picture()).rgb());
            assertThat(example.width()).isEqualTo(pixels.width());
            assertThat(example.height()).isEqualTo(pixels.height());
        } catch (BrokenImageException e) {
            throw new AssertionError(e);
        }
    }

    /// mmsegmentation's `whole` mode: no square, and no more padding than the patches need.
    @Test
    void aWholeImageKeepsItsProportionsAndIsPaddedToWholePatches() {
        List<Boolean> square = new ArrayList<>();
        images(new Places(), new Protocol.Whole(BASE), 1)
                .visit(
                        example -> {
                            double scale =
                                    (double) BASE / Math.min(example.width(), example.height());
                            assertThat(example.shownWidth())
                                    .isEqualTo((int) Math.rint(scale * example.width()));
                            assertThat(example.shownHeight())
                                    .isEqualTo((int) Math.rint(scale * example.height()));
                            assertThat(Ops.sizes(example.pixels()))
                                    .containsExactly(
                                            1,
                                            3,
                                            (long) PATCH
                                                    * Math.ceilDiv(example.shownHeight(), PATCH),
                                            (long) PATCH
                                                    * Math.ceilDiv(example.shownWidth(), PATCH));
                            square.add(example.pixels().size(2) == example.pixels().size(3));
                            return true;
                        },
                        _ -> {});
        assertThat(square).contains(false);
    }

    @Test
    void othersAreReadWhileOneIsVisited() {
        CountDownLatch four = new CountDownLatch(4);
        Places places = new Places(four, -1);
        List<Boolean> ahead = new ArrayList<>();
        boolean complete =
                images(places, new Protocol.Whole(BASE), 2)
                        .visit(
                                _ -> {
                                    ahead.add(awaited(four));
                                    return false;
                                },
                                _ -> {});
        assertThat(complete).as("the visitor stopped").isFalse();
        assertThat(ahead).containsExactly(true);
    }

    private static boolean awaited(CountDownLatch latch) {
        try {
            return latch.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void oneImageIsVisitedAgain() {
        Places places = new Places();
        List<Integer> visited = new ArrayList<>();
        images(places, new Protocol.Whole(0), 2)
                .visit(
                        6,
                        example -> {
                            assertSame(example, places, new Protocol.Whole(0));
                            return visited.add(example.number());
                        });
        assertThat(visited).containsExactly(6);
    }

    @Test
    void aMaskOfAnotherSizeIsTheUsersError() {
        Places places = new Places(new CountDownLatch(SIZE), 2);
        List<Integer> visited = new ArrayList<>();
        assertThatExceptionOfType(InputException.class)
                .isThrownBy(() ->
                        images(places, new Protocol.Whole(0), 2)
                                .visit(example -> visited.add(example.number()), _ -> {}))
                .withMessageMatching(
                        "the mask of place-2 is 1 x 1, and the image \\d+ x \\d+; make them the"
                                + " same size");
        assertThat(visited).as("those before it").containsExactly(0, 1);
    }
}
