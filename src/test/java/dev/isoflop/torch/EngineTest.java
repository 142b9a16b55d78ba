package dev.isoflop.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/// The device that computes.
class EngineTest {

    @Test
    void operatorsHaveOneThreadEachForAWhileAndAsManyAsBeforeAfterwards() {
        int before = Engine.threads();
        try {
            Engine.threads(3);
            var here = new AtomicInteger();
            var elsewhere = new AtomicInteger();
            int _ =
                    Engine.singly(() -> {
                        here.set(Engine.threads());
                        CompletableFuture.runAsync(
                                        () -> elsewhere.set(Engine.threads()),
                                        work -> Thread.ofPlatform().start(work))
                                .join();
                        return 0;
                    });
            assertThat(here).hasValue(1);
            assertThat(elsewhere).as("in a thread that it starts").hasValue(1);
            assertThat(Engine.threads()).isEqualTo(3);
            assertThatThrownBy(() -> Engine.singly(EngineTest::fails))
                    .isInstanceOf(IllegalStateException.class);
            assertThat(Engine.threads()).as("also after a failure").isEqualTo(3);
        } finally {
            Engine.threads(before);
        }
    }

    private static int fails() {
        throw new IllegalStateException("as asked");
    }
}
