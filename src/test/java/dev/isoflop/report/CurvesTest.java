package dev.isoflop.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.isoflop.run.MadeUpRun;
import dev.isoflop.run.Measurement;

import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.util.List;
import java.util.stream.IntStream;

final class CurvesTest {

    @Test
    void aShortRunIsDrawnStepByStep() {
        JsonNode drawn = drawn(MadeUpRun.steps(100));
        assertThat(drawn.get("steps").size()).isEqualTo(100);
        assertThat(drawn.get("loss").size()).isEqualTo(100);
        assertThat(drawn.get("smooth").size()).isEqualTo(100);
        assertThat(drawn.get("parts").get("pixels").size()).isEqualTo(100);
    }

    @Test
    void aLongRunIsThinnedAndKeepsItsLastStep() {
        JsonNode drawn = drawn(MadeUpRun.steps(10_001));
        assertThat(drawn.get("steps").size()).isLessThanOrEqualTo(1502);
        assertThat(drawn.get("steps").get(1).asInt()).isEqualTo(8);
        assertThat(drawn.get("steps").get(drawn.get("steps").size() - 1).asInt()).isEqualTo(10_001);
    }

    @Test
    void theSpreadIsDrawnWhereItWasMeasured() {
        JsonNode drawn = drawn(MadeUpRun.steps(10)).get("embeddings");
        assertThat(drawn.get("steps").toString()).isEqualTo("[1.0,5.0,9.0]");
        assertThat(drawn.get("spread").size()).isEqualTo(3);
        assertThat(drawn.get("rank").get(2).asDouble()).isEqualTo(12.5);
    }

    @Test
    void theSmoothLineOfALineIsThatLine() {
        Curves curves = Curves.of(losses(IntStream.range(0, 500).mapToDouble(i -> i).toArray()));
        assertThat(curves.window()).isEqualTo(21);
        for (int i = 0; i < 500; i++) {
            assertThat(curves.smoothLoss(i)).isCloseTo(i, within(1e-9));
        }
    }

    @Test
    void aLossThatIsNotFiniteIsAGapAndSpoilsNothing() {
        double[] loss = IntStream.range(0, 200).mapToDouble(_ -> 1).toArray();
        loss[100] = Double.NaN;
        loss[101] = Double.POSITIVE_INFINITY;
        JsonNode drawn = drawn(losses(loss));
        assertThat(drawn.get("loss").get(100).isNull()).isTrue();
        assertThat(drawn.get("loss").get(101).isNull()).isTrue();
        assertThat(drawn.get("smooth").get(100).asDouble()).isEqualTo(1);
        assertThat(drawn(losses(Double.NaN)).get("smooth").get(0).isNull()).isTrue();
    }

    @Test
    void theLineWithoutScriptSpansItsBox() {
        assertThat(Curves.of(losses(3, 2, 1)).polyline(800, 300)).isEqualTo("0,0 400,150 800,300");
        assertThat(Curves.of(losses(3, 3)).polyline(800, 300)).isEqualTo("0,0 800,0");
        assertThat(Curves.of(losses(3, Double.NaN)).polyline(800, 300)).isEmpty();
        assertThat(Curves.of(List.of()).polyline(800, 300)).isEmpty();
    }

    private static List<Measurement> losses(double... losses) {
        return IntStream.range(0, losses.length)
                .mapToObj(i -> MadeUpRun.step(i + 1, losses[i]))
                .toList();
    }

    private static JsonNode drawn(List<Measurement> steps) {
        return JsonMapper.shared().readTree(Curves.of(steps).json());
    }
}
