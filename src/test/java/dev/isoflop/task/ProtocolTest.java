package dev.isoflop.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.isoflop.fault.InputException;
import dev.isoflop.recipe.Table;

import org.junit.jupiter.api.Test;

import java.util.Optional;

class ProtocolTest {

    private static Protocol read(String yaml) {
        return Protocol.from(Optional.of(Table.parse("t", yaml)), 512, 16);
    }

    @Test
    void theCentreOfThePaperIsTheDefault() {
        assertThat(read("{}")).isEqualTo(new Protocol.Centre(512, 512));
    }

    @Test
    void squaresSlideAsInMmsegmentation() {
        assertThat(read("protocol: sliding")).isEqualTo(new Protocol.Sliding(512, 341, 512));
        Protocol.Sliding sliding = new Protocol.Sliding(512, 341, 0);
        assertThat(sliding.starts(512)).containsExactly(0);
        assertThat(sliding.starts(600)).containsExactly(0, 88);
        assertThat(sliding.starts(853)).containsExactly(0, 341);
        assertThat(sliding.starts(1024)).containsExactly(0, 341, 512);
    }

    @Test
    void aStrideThatLeavesGapsIsRefused() {
        assertThatThrownBy(() -> read("{protocol: sliding, crop: 64, stride: 65}"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("stride is 65; it must lie between 1 and the crop, 64");
    }

    @Test
    void aCropThatIsNoMultipleOfThePatchIsRefused() {
        assertThatThrownBy(() -> read("crop: 500"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("crop is 500; it must be a multiple of the patch, 16");
    }
}
