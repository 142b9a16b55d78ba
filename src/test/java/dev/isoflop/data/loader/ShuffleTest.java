package dev.isoflop.data.loader;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.stream.IntStream;

class ShuffleTest {

    private static int[] epoch(Shuffle shuffle, int epoch) {
        long first = (long) epoch * shuffle.size();
        return IntStream.range(0, shuffle.size()).map(i -> shuffle.index(first + i)).toArray();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 16, 17, 1000, 4096, 4097})
    void everyImageIsSeenOnceAnEpoch(int size) {
        var shuffle = new Shuffle(9, size);
        for (int epoch = 0; epoch < 3; epoch++) {
            assertThat(IntStream.of(epoch(shuffle, epoch)).sorted().toArray())
                    .isEqualTo(IntStream.range(0, size).toArray());
        }
    }

    @Test
    void everyEpochAndEverySeedHasAnOrderOfItsOwn() {
        var shuffle = new Shuffle(9, 1000);
        assertThat(epoch(shuffle, 0)).isNotEqualTo(epoch(shuffle, 1));
        assertThat(epoch(shuffle, 0)).isNotEqualTo(epoch(new Shuffle(10, 1000), 0));
        assertThat(epoch(shuffle, 0)).isEqualTo(epoch(new Shuffle(9, 1000), 0));
    }

    @Test
    void theOrderLooksRandom() {
        int size = 10_000;
        int[] order = epoch(new Shuffle(1, size), 0);
        int rising = 0;
        int stayed = 0;
        for (int i = 1; i < size; i++) {
            rising += order[i] > order[i - 1] ? 1 : 0;
            stayed += order[i] == i ? 1 : 0;
        }
        assertThat(rising).isBetween(4850, 5150);
        assertThat(stayed).isLessThan(8);
    }

    @Test
    void theEpochOfANumberIsHowOftenAllWereSeenBefore() {
        var shuffle = new Shuffle(1, 100);
        assertThat(shuffle.epoch(99)).isZero();
        assertThat(shuffle.epoch(100)).isEqualTo(1);
    }

    @Test
    void aHugeDatasetNeedsNoTable() {
        var shuffle = new Shuffle(1, Integer.MAX_VALUE);
        assertThat(shuffle.index(5_000_000_000L)).isBetween(0, Integer.MAX_VALUE - 1);
    }
}
