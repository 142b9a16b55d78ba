package dev.isoflop.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.isoflop.run.Baseline;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/// The guess that sees no image.
class ChanceTest {

    private static final List<String> NAMES = List.of("dot", "heart", "star");

    private static GroundTruth truth(int... labels) {
        return new GroundTruth(Arrays.stream(labels).mapToObj(List::of).toList(), 3);
    }

    private static BitSet all() {
        BitSet all = new BitSet();
        all.set(0, NAMES.size());
        return all;
    }

    @Test
    void accuracyGuessesTheCommonestClassOfTheImagesLearnedFrom() {
        Baseline chance = Chance.of(truth(1, 1, 1, 0, 2), truth(0, 0, 1, 2), false, all(), NAMES);
        assertThat(chance.chance()).isEqualTo(0.25); // hearts among those judged, not dots
        assertThat(chance.guess()).isEqualTo("always \"heart\", the commonest class");
        assertThat(chance.untrained()).isEmpty();
    }

    @Test
    void ofEquallyCommonClassesItTakesTheOneThatMostImagesJudgedShow() {
        Baseline chance = Chance.of(truth(0, 1, 2), truth(2, 2, 1), false, all(), NAMES);
        assertThat(chance.chance()).isCloseTo(2.0 / 3, within(1e-12));
        assertThat(chance.guess()).contains("star");
    }

    @Test
    void ofSeveralClassesAnImageEachHasItsShareOfTheImages() {
        GroundTruth several =
                new GroundTruth(List.of(List.of(0, 1), List.of(1), List.of(2), List.of(1, 2)), 3);
        Baseline chance = Chance.of(several, several, true, all(), NAMES);
        assertThat(chance.chance()).isCloseTo((0.25 + 0.75 + 0.5) / 3, within(1e-12));
        BitSet counted = new BitSet();
        counted.set(1);
        assertThat(Chance.of(several, several, true, counted, NAMES).chance()).isEqualTo(0.75);
    }

    @Test
    void whoKnowsTheNamesAloneGuessesAmongAllOfThem() {
        Baseline chance = Chance.amongNames(truth(0, 0, 1, 0), false, all());
        assertThat(chance.chance()).isEqualTo(1.0 / 3);
        assertThat(chance.guess()).isEqualTo("any of the 3 classes at random");
        GroundTruth several = new GroundTruth(List.of(List.of(0, 1), List.of(1)), 3);
        BitSet seen = several.seen();
        assertThat(Chance.amongNames(several, true, seen).chance())
                .isCloseTo((0.5 + 1) / 2, within(1e-12));
    }
}
