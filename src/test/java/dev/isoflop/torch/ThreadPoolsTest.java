package dev.isoflop.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ThreadPoolsTest {

    private final int before = Engine.threads();

    @AfterEach
    void asBefore() {
        Engine.threads(before);
    }

    @Test
    void aNumberOfThreadsBindsOpenBlasAsWell() {
        for (int n : new int[] {1, 2}) {
            Engine.threads(n);
            assertThat(Engine.threads()).isEqualTo(n);
            assertThat(torch.get_num_threads()).isEqualTo(n);
            assertThat(ThreadPools.ofOpenBlas().orElse(n)).isEqualTo(n);
        }
    }

    @Test
    void openBlasIsFoundWhereItMultiplies() {
        LibTorch.load();
        boolean linux = System.getProperty("os.name").equals("Linux");
        assertThat(ThreadPools.ofOpenBlas().isPresent() || !linux).isTrue();
    }

    @Test
    void whoSaysNothingHasAThreadACore() {
        assertThat(ThreadPools.usual(16, null)).isEqualTo(16);
        assertThat(ThreadPools.usual(16, "")).isEqualTo(16);
        assertThat(ThreadPools.usual(16, "3")).isEqualTo(3);
        assertThat(ThreadPools.usual(16, "4,2")).isEqualTo(16);
    }

    @Test
    void noThreadsAreRefused() {
        assertThatThrownBy(() -> Engine.threads(0)).hasMessageContaining("threads is 0");
    }
}
