package dev.isoflop.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.math.BigInteger;

final class AmountTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 | 0",
                "999 | 999",
                "999999 | 999,999",
                "1000000 | 1.00e6",
                "13421772849200 | 1.34e13",
                "999600000000 | 1.00e12",
                "200000000000000000 | 2.00e17"
            })
    void aLargeCountIsShownByItsSize(BigInteger count, String shown) {
        assertThat(Amount.size(count)).isEqualTo(shown);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 | 0",
                "0.41 | 0.410",
                "256 | 256",
                "1234.5 | 1,235",
                "12.345 | 12.3",
                "0.00123 | 0.00123",
                "1.5e-4 | 1.50e-4",
                "-0.5 | -0.500",
                "2e7 | 2.00e7",
                "3e-12 | 3.00e-12",
                "NaN | NaN"
            })
    void aRealNumberHasThreeDigits(double value, String shown) {
        assertThat(Amount.real(value)).isEqualTo(shown);
    }

    @ParameterizedTest
    @CsvSource({"0,0.0%", "0.796,79.6%", "1,100.0%", "0.00012,0.0120%", "NaN,NaN%"})
    void aShareIsShownAsAPercentage(double share, String shown) {
        assertThat(Amount.percent(share)).isEqualTo(shown);
    }

    @ParameterizedTest
    @CsvSource({"3.97e11,397 GFLOP/s", "2.04e12,2.04 TFLOP/s", "12,12.0 FLOP/s"})
    void aRateHasAPrefix(double rate, String shown) {
        assertThat(Amount.rate(rate)).isEqualTo(shown);
    }

    @ParameterizedTest
    @CsvSource({"45.24,45.2 s", "605,10 min 5 s", "7380,2 h 3 min", "0.002,0.00200 s"})
    void aTimeIsInTheUnitsPeopleUse(double seconds, String shown) {
        assertThat(Amount.time(seconds)).isEqualTo(shown);
    }

    @Test
    void energiesAndMassesHaveTheUnitInWhichTheyAreRead() {
        assertThat(Amount.energy(812)).isEqualTo("812 J");
        assertThat(Amount.energy(3_600)).isEqualTo("1.00 Wh");
        assertThat(Amount.energy(3.6e6 * 41.5)).isEqualTo("41.5 kWh");
        assertThat(Amount.energy(3.6e9 * 2_500)).isEqualTo("2.50 GWh");
        assertThat(Amount.energy(3_420, 3_600)).isEqualTo("0.950 Wh");
        assertThat(Amount.mass(1.98e-4)).isEqualTo("198 mg");
        assertThat(Amount.mass(0.0452)).isEqualTo("45.2 g");
        assertThat(Amount.mass(2.418)).isEqualTo("2.42 kg");
        assertThat(Amount.mass(31_000)).isEqualTo("31.0 t");
    }
}
