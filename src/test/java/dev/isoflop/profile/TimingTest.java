package dev.isoflop.profile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.budget.Precision;
import dev.isoflop.run.RunListener;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// Real steps by the clock.
class TimingTest {

    /// A case asks four times: before it, before each of two repetitions, and before a third.
    @Test
    void whoeverEndsItEarlyKeepsWhatWasTimed() {
        Timing four =
                new Timing(
                        List.of("mae"),
                        List.of("Ti/16"),
                        32,
                        List.of(2, 3, 4, 5),
                        Precision.F32,
                        0.001);
        AtomicInteger asked = new AtomicInteger();
        TimedSteps timed = four.measured(RunListener.NONE, () -> asked.incrementAndGet() > 8);
        assertThat(timed.rows()).hasSize(2).allMatch(row -> row.seconds().size() == 2);
    }
}
