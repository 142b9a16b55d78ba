package dev.isoflop.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.isoflop.golden.Golden;
import dev.isoflop.task.MeanIoU.Counts;
import dev.isoflop.task.MeanIoU.Figures;

import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;

import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/// Case `miou`, and what it does not show.
class MeanIoUTest {

    private static final double EXACT = 1e-12;
    private static final byte IGNORED = (byte) 255;

    @Test
    void figuresAreThoseOfMmsegmentation() {
        for (JsonNode expected : Golden.of("miou").get("cases")) {
            Figures figures = figures(expected);
            assertCounts(figures, Counts::intersection, expected.get("area_intersect"));
            assertCounts(figures, Counts::union, expected.get("area_union"));
            assertCounts(figures, Counts::predicted, expected.get("area_pred"));
            assertCounts(figures, Counts::truth, expected.get("area_label"));
            assertEach(figures, Counts::iou, expected.get("IoU"));
            assertEach(figures, Counts::accuracy, expected.get("Acc"));
            assertThat(figures.pixelAccuracy())
                    .isCloseTo(expected.get("aAcc").asDouble(), within(EXACT));
            assertThat(figures.meanIoU()).isCloseTo(expected.get("mIoU").asDouble(), within(EXACT));
            assertThat(figures.meanAccuracy())
                    .isCloseTo(expected.get("mAcc").asDouble(), within(EXACT));
        }
    }

    /// The maps of a case, by the rule on the golden file's page.
    private static Figures figures(JsonNode config) {
        long seed = Golden.seed(config);
        int c = config.get("classes").asInt();
        boolean reduced = config.get("reduce_zero_label").asBoolean();
        int n = config.get("h").asInt() * config.get("w").asInt();
        MeanIoU metric = new MeanIoU(c);
        for (int k = 0; k < config.get("images").asInt(); k++) {
            byte[] truth = new byte[n];
            byte[] prediction = new byte[n];
            for (int i = 0; i < n; i++) {
                int gt = (int) Math.floor(Golden.u(seed, 2100 + 2L * k, i) * (c + 1));
                if (!reduced) {
                    gt = gt == c ? 255 : gt == c - 1 ? 0 : gt;
                }
                int base = Math.clamp(gt == 255 ? 0 : reduced ? gt - 1 : gt, 0, c - 1);
                double u = Golden.u(seed, 2101 + 2L * k, i);
                int other = (int) Math.floor((u - 0.6) / 0.4 * (reduced ? c : c - 2));
                prediction[i] = (byte) (u < 0.6 ? base : other);
                truth[i] = (byte) (!reduced ? gt : gt == 0 ? 255 : gt - 1);
            }
            metric.add(prediction, truth);
        }
        return metric.figures();
    }

    private static void assertCounts(
            Figures figures, ToLongFunction<Counts> count, JsonNode expected) {
        long[] counts = figures.classes().stream().mapToLong(count).toArray();
        assertThat(counts).hasSameSizeAs(new long[expected.size()]);
        for (int k = 0; k < counts.length; k++) {
            assertThat(counts[k]).as("class %s", k).isEqualTo(expected.get(k).asLong());
        }
    }

    private static void assertEach(
            Figures figures, ToDoubleFunction<Counts> figure, JsonNode expected) {
        for (int k = 0; k < expected.size(); k++) {
            double actual = figure.applyAsDouble(figures.classes().get(k));
            if (expected.get(k).isNull()) {
                assertThat(actual).as("class %s", k).isNaN();
            } else {
                assertThat(actual).isCloseTo(expected.get(k).asDouble(), within(EXACT));
            }
        }
    }

    @Test
    void pixelsThatNobodyLabelledAreLeftOut() {
        MeanIoU metric = new MeanIoU(2);
        metric.add(new byte[] {0, 1, 1, 1}, new byte[] {0, 1, IGNORED, IGNORED});
        assertThat(metric.figures().meanIoU()).isEqualTo(1);
        assertThat(metric.figures().pixels()).isEqualTo(2);
    }

    @Test
    void aClassThatIsClaimedButNotThereCountsAsZero() {
        MeanIoU metric = new MeanIoU(3);
        metric.add(new byte[] {0, 1}, new byte[] {0, 0});
        assertThat(metric.figures().meanIoU()).isEqualTo((0.5 + 0) / 2);
        assertThat(metric.figures().classes().get(2).iou()).isNaN();
    }

    @Test
    void withNothingLabelledThereIsNoFigure() {
        MeanIoU metric = new MeanIoU(2);
        metric.add(new byte[] {0, 1}, new byte[] {IGNORED, IGNORED});
        assertThat(metric.figures().meanIoU()).isNaN();
        assertThat(metric.figures().pixelAccuracy()).isNaN();
    }

    @Test
    void aClassThatThereIsNotIsAnError() {
        MeanIoU metric = new MeanIoU(2);
        metric.add(new byte[] {0, 0}, new byte[] {0, 7});
        assertThatThrownBy(metric::figures).hasMessageContaining("1 pixels are of a class");
    }

    @Test
    void whoAlwaysSaysTheCommonestClassHasItsShareInAMeanOverAllThatAreThere() {
        MeanIoU metric = new MeanIoU(4); // the last of which is nowhere
        metric.add(new byte[] {2, 2, 2, 0, 3, 1}, new byte[] {0, 1, 1, 1, 2, IGNORED});
        Figures figures = metric.figures();
        assertThat(figures.commonest()).hasValue(1);
        Figures guess = figures.always(1);
        assertThat(guess.meanIoU()).isCloseTo(3.0 / 5 / 3, within(EXACT));
        assertThat(guess.classes().get(1).iou()).isCloseTo(3.0 / 5, within(EXACT));
        assertThat(guess.classes().get(3).iou()).as("of what is nowhere").isNaN();
        assertThat(figures.neverFound()).containsExactly(0, 1, 2);

        MeanIoU said = new MeanIoU(4);
        said.add(new byte[] {1, 1, 1, 1, 1, 1}, new byte[] {0, 1, 1, 1, 2, IGNORED});
        assertThat(guess).as("as if it had been predicted").isEqualTo(said.figures());
    }

    @Test
    void whereNothingIsLabelledThereIsNothingToGuess() {
        MeanIoU metric = new MeanIoU(2);
        metric.add(new byte[] {1}, new byte[] {IGNORED});
        assertThat(metric.figures().commonest()).isEmpty();
    }
}
