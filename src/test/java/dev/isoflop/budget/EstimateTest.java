package dev.isoflop.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

import java.util.List;

class EstimateTest {

    private static final Estimate POWER =
            Estimate.stated("power", 300, "W", "mean", "a sheet, 2024").within(100, 400);
    private static final Estimate HOURS =
            Estimate.stated("hours", 10, "h", "measured", "a clock").within(8, 15);

    @Test
    void aProductMultipliesNumbersAndBands() {
        Estimate energy =
                Estimate.product("energy", "kWh", "power x h", 1e-3, List.of(POWER, HOURS));
        assertThat(energy.value()).isCloseTo(3, within(1e-12));
        assertThat(energy.low()).isCloseTo(0.8, within(1e-12));
        assertThat(energy.high()).isCloseTo(6, within(1e-12));
    }

    @Test
    void itsDerivationNamesEveryNumberWithItsSource() {
        Estimate energy =
                Estimate.product("energy", "kWh", "power x h", 1e-3, List.of(POWER, HOURS));
        assertThat(energy.explain())
                .contains("3 kWh (0.8 to 6)")
                .contains("300 W (100 to 400)")
                .contains("a sheet, 2024");
    }

    @Test
    void aNumberOutsideItsBandCannotBe() {
        assertThatThrownBy(() -> POWER.within(310, 400)).hasMessageContaining("within its band");
    }

    @Test
    void numbersReadAsPeopleWriteThem() {
        assertThat(Estimate.plain(1234567)).isEqualTo("1,234,567");
        assertThat(Estimate.plain(12.345)).isEqualTo("12.3");
        assertThat(Estimate.plain(0.5)).isEqualTo("0.5");
        assertThat(Estimate.plain(2.5e12)).isEqualTo("2.50e+12");
    }
}
