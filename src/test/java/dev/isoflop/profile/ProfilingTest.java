package dev.isoflop.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.isoflop.budget.Precision;
import dev.isoflop.fault.InputException;
import dev.isoflop.method.Method;
import dev.isoflop.vit.VitShape;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

import java.util.List;
import java.util.Optional;

/// Profiles as another program asks for them.
class ProfilingTest {

    static final List<String> METHODS = Method.Config.NAMES;

    @Test
    void theFormulaAndAStepThatRanAgree() {
        Profiling step = Profiling.of("mae", List.of("decoder-depth=1"), "Ti/16", 32, 2);
        assertThat(step.byFormula().text()).startsWith("mae, ViT-Ti/16, images of 32, 2 a step");
        assertThat(step.byFormula().picture()).isEmpty();

        Profile traced = step.traced(Optional.empty());
        assertThat(traced.text()).endsWith(": equal");
        assertThat(traced.picture().orElseThrow()).startsWith("<svg");
    }

    @Test
    void aChangeOfASettingChangesThePrice() {
        Profiling usual = Profiling.of("dino", List.of(), "B/16", 224, 64);
        Profiling fewer = Profiling.of("dino", List.of("method.local-views=2"), "B/16", 224, 64);
        assertThat(fewer.perImage().flops()).isLessThan(usual.perImage().flops());
    }

    @Test
    void whatCannotBeProfiledIsSaidWithTheRemedy() {
        assertThatThrownBy(() -> Profiling.of("mae", List.of(), "Q/16", 224, 1))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("encoder Q/16: write Ti/16");
        assertThatThrownBy(() -> Profiling.of("simclr", List.of(), "B/16", 224, 1))
                .isInstanceOf(InputException.class)
                .hasMessage("method simclr: batch is 1; simclr compares images: write 2 or more");
        assertThatThrownBy(() -> Profiling.of("mae", List.of("deep"), "B/16", 224, 1))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("write key=value");
        assertThatThrownBy(() -> Profiling.of("mae", List.of(), "B/16", 224, 4).withMicroBatch(5))
                .isInstanceOf(InputException.class)
                .hasMessage("micro-batch is 5; it must lie between 1 and the batch, 4");
    }

    @ParameterizedTest
    @FieldSource("METHODS")
    void aStepAtItsOwnSizesIsItself(String method) {
        Method.Config config = Profiling.config(method, List.of());
        TracedStep step =
                new TracedStep(
                        config,
                        VitShape.of("S/16", 64),
                        12,
                        5,
                        Precision.BF16,
                        config.optimisation());
        Sizes sizes = new Sizes(step);
        assertThat(sizes.at(sizes.values())).isEqualTo(step);
    }

    @ParameterizedTest
    @FieldSource("METHODS")
    void onlyContrastiveMethodsCompareEveryImageWithEveryOther(String method) {
        Method.Config config = Profiling.config(method, List.of());
        TracedStep step =
                new TracedStep(
                        config,
                        VitShape.of("S/16", 64),
                        4,
                        4,
                        Precision.F32,
                        config.optimisation());
        assertThat(new Sizes(step).compares())
                .isEqualTo(List.of("simclr", "clip").contains(method));
    }
}
