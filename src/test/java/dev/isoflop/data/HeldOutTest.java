package dev.isoflop.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.isoflop.fault.InputException;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

class HeldOutTest {

    private static final World.Config WORLD = new World.Config(2000, 16, 3);

    private static List<String> names(World.Config world, HeldOut.Part part, long seed) {
        try (HeldOut data = new HeldOut.Config(world, 0.2, part, seed).open()) {
            List<String> names = new ArrayList<>();
            for (int i = 0; i < data.size(); i++) {
                names.add(data.nameOf(i));
            }
            return names;
        }
    }

    @Test
    void thePartsAreTheWholeAndDoNotMeet() {
        List<String> train = names(WORLD, HeldOut.Part.TRAIN, 0);
        List<String> held = names(WORLD, HeldOut.Part.HELD_OUT, 0);
        Set<String> all = new HashSet<>(train);
        all.addAll(held);
        assertThat(all).hasSize(2000);
        assertThat(train.size() + held.size()).isEqualTo(2000);
        assertThat(held.size()).as("a share of 0.2, up to chance").isBetween(330, 470);
    }

    @Test
    void whereAPictureIsDependsOnItsNameAndTheSeedAlone() {
        List<String> held = names(WORLD, HeldOut.Part.HELD_OUT, 0);
        List<String> fewer = names(new World.Config(500, 32, 3), HeldOut.Part.HELD_OUT, 0);
        assertThat(held.subList(0, fewer.size())).isEqualTo(fewer);
        List<String> other = names(WORLD, HeldOut.Part.HELD_OUT, 1);
        assertThat(other.stream().filter(held::contains).count())
                .as("0.2 x 0.2 of 2000")
                .isBetween(40L, 130L);
    }

    @Test
    void aPartHandsOutWhatTheWholeHas() throws Exception {
        try (HeldOut data = new HeldOut.Config(WORLD, 0.2, HeldOut.Part.HELD_OUT, 0).open()) {
            Sample sample = data.readWithMask(5);
            assertThat(sample.name()).isEqualTo(data.nameOf(5));
            assertThat(sample.mask()).isPresent();
            assertThat(data.labels(5)).isEqualTo(sample.labels());
            assertThat(data.captions(5)).isEqualTo(sample.captions());
            assertThat(MaskLabels.of(data).names()).endsWith("background");
        }
    }

    @Test
    void anEmptyPartIsRefused() {
        var tiny = new World.Config(3, 16, 3);
        assertThatExceptionOfType(InputException.class)
                .isThrownBy(() -> new HeldOut.Config(tiny, 1e-9, HeldOut.Part.HELD_OUT, 0).open())
                .withMessage(
                        "none of the 3 images of world, seed 3 is in the part held-out when 1.0E-9"
                                + " is held out; take another share or data.held-out-seed");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new HeldOut.Config(tiny, 1, HeldOut.Part.TRAIN, 0))
                .withMessage("heldOut is 1.0; write a share above 0 and below 1, such as 0.1");
    }
}
