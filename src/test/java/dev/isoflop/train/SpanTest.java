package dev.isoflop.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A part of a run, as a share or in steps.
class SpanTest {

    @Test
    void stepsAreAShareOfTheRunTheyAreIn() {
        assertThat(Span.parse("10_000 steps").share(250_000)).isEqualTo(0.04);
        assertThat(Span.parse("0.05").share(250_000)).isEqualTo(0.05);
    }

    @Test
    void aSpanAsLongAsTheRunIsRefused() {
        assertThatThrownBy(() -> Span.parse("100 steps").share(100))
                .hasMessage("100 steps are as long as the whole run of 100 or longer");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "-0.1", "soon", "5 epochs", ""})
    void whatIsNeitherSaysWhatWouldDo(String text) {
        assertThatThrownBy(() -> Span.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("write a share of the budget such as 0.05")
                .hasMessageContaining("10000 steps");
    }
}
