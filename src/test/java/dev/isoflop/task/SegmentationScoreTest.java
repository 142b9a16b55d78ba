package dev.isoflop.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.isoflop.budget.Precision;
import dev.isoflop.data.Dataset;
import dev.isoflop.data.MaskLabels;
import dev.isoflop.data.World;
import dev.isoflop.run.Baseline;
import dev.isoflop.run.RunListener;
import dev.isoflop.run.Score;
import dev.isoflop.run.Stop;
import dev.isoflop.vit.FcnHeadShape;

import org.junit.jupiter.api.Test;

import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;

/// What stands beside the mean IoU of a segmentation: chance, and which classes only one part has.
class SegmentationScoreTest {

    private static final List<String> NAMES = List.of("cat", "dog", "sky");
    private static final SortedSet<Integer> NONE = Collections.emptySortedSet();

    private static final Segmentation.Config CONFIG =
            new Segmentation.Config(
                    4, // one more than the data has
                    new FcnHeadShape(8, 1, 1, false, FcnHeadShape.Norm.NONE),
                    0,
                    Segmentation.Average.VALID,
                    Transfer.DEFAULT,
                    new Protocol.Centre(32, 32));

    private static Score score(SortedSet<Integer> unlearned, String prediction, String truth) {
        MeanIoU metric = new MeanIoU(4);
        metric.add(bytes(prediction), bytes(truth));
        try (Dataset data = new World.Config(3, 32, 1).open()) {
            Evaluation.Data on = new Evaluation.Data(data, data, 0, Precision.F32, 1, 0);
            return new SegmentationScore(CONFIG, NAMES, on, "ten images")
                    .of(metric.figures(), 1, 0.5, unlearned, List.of());
        }
    }

    private static byte[] bytes(String digits) {
        byte[] all = new byte[digits.length()];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) (digits.charAt(i) - '0');
        }
        return all;
    }

    @Test
    void chanceIsTheCommonestClassOfTheJudgedPixelsEverywhere() {
        Score score = score(NONE, "001122", "000012");
        Baseline baseline = Objects.requireNonNull(score.baseline());
        assertThat(baseline.chance()).isCloseTo(4.0 / 6 / 3, within(1e-12));
        assertThat(baseline.guess())
                .isEqualTo("always \"cat\", the commonest class of the judged pixels");
        assertThat(baseline.untrained()).isEmpty();
        assertThat(score.standsAlone()).isTrue();
    }

    @Test
    void aClassThatIsNotJudgedIsNoPartOfTheMeanUnlessItWasPredicted() {
        Score without = score(NONE, "0011", "0011");
        assertThat(without.main().value()).isEqualTo(1);
        assertThat(without.warnings())
                .containsExactly(
                        "2 of 4 classes never occur in world, seed 1, so that nothing is known of"
                                + " them: sky, class 3");
        Score imagined = score(NONE, "0012", "0011");
        assertThat(imagined.main().value()).isCloseTo((1 + 0.5 + 0) / 3, within(1e-12));
        assertThat(imagined.warnings())
                .hasSize(2)
                .last()
                .isEqualTo("1 of these was predicted all the same, and counts 0 in the mean: sky");
    }

    @Test
    void aClassThatNoMaskTaughtCountsNothingAndIsNamed() {
        Score score = score(new TreeSet<>(List.of(1, 2)), "0000", "0012");
        assertThat(score.main().value()).isCloseTo(0.5 / 3, within(1e-12));
        assertThat(score.warnings())
                .contains(
                        "2 of the judged classes are in no mask that was learned from (ten"
                                + " images), and count 0 in the mean: dog, sky");
    }

    @Test
    void whereOneClassAloneIsJudgedTheScoreSaysNothing() {
        Score score = score(NONE, "0000", "0000");
        assertThat(Objects.requireNonNull(score.baseline()).chance()).isEqualTo(1);
        assertThat(score.warnings())
                .contains(
                        "all judged pixels are of one class, cat: who always says it is right"
                                + " everywhere");
    }

    @Test
    void masksAreReadUntilAllThatIsLookedForWasMet() {
        try (World world = new World.Config(40, 32, 1).open()) {
            int background = MaskLabels.of(world).names().size() - 1;
            int[] read = {0};
            RunListener counting =
                    new RunListener() {
                        @Override
                        public void progress(String what, long done, long of) {
                            read[0] = (int) done;
                        }
                    };
            LearnedClasses classes = LearnedClasses.of(world);
            assertThat(classes.without(set(background), counting, Stop.NEVER)).isEmpty();
            assertThat(read[0]).isEqualTo(1);
            assertThat(classes.without(NONE, counting, Stop.NEVER)).isEmpty();
            assertThat(read[0]).as("nothing was looked for").isEqualTo(1);
            SortedSet<Integer> missing =
                    classes.without(set(background, 250), counting, Stop.NEVER);
            assertThat(missing).as("no mask has it").containsExactly(250);
            assertThat(read[0]).isEqualTo(40);
            assertThat(classes.without(set(250), counting, () -> true))
                    .as("nobody knows, for it was stopped")
                    .isEmpty();
            assertThat(new LearnedClasses(world, 7).name())
                    .isEqualTo("the first 7 of world, seed 1");
        }
    }

    private static SortedSet<Integer> set(Integer... classes) {
        return new TreeSet<>(List.of(classes));
    }
}
