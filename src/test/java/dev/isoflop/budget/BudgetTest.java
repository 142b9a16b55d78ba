package dev.isoflop.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.isoflop.fault.InputException;

import org.junit.jupiter.api.Test;

import java.math.BigInteger;

/// What a budget buys.
class BudgetTest {

    /// 2 x 10 x 10 x 5 = 1,000 FLOP.
    private static final Work IMAGE = Work.product("image", 1, 10, 10, 5);

    private static long steps(String budget) {
        return Budget.parse(budget).steps(IMAGE, 4, 100, Budget.Rates.NONE);
    }

    @Test
    void aBudgetBuysWholeSteps() {
        assertThat(steps("4000 FLOP")).isEqualTo(1);
        assertThat(steps("7999 FLOP")).isEqualTo(1);
        assertThat(steps("8 kFLOP")).isEqualTo(2);
        assertThat(steps("2e13 FLOP")).isEqualTo(5_000_000_000L);
        assertThat(steps("20 TFLOP")).isEqualTo(5_000_000_000L);
    }

    @Test
    void halvingTheBudgetHalvesTheSteps() {
        assertThat(steps("1e9 FLOP")).isEqualTo(2 * steps("5e8 FLOP"));
    }

    @Test
    void stepsImagesAndEpochsAreBudgetsToo() {
        assertThat(steps("17 steps")).isEqualTo(17);
        assertThat(steps("1 step")).isEqualTo(1);
        assertThat(steps("43 images")).isEqualTo(10);
        assertThat(steps("2.5 epochs")).isEqualTo(62);
        assertThat(steps("1_000 steps")).isEqualTo(1000);
    }

    @Test
    void hoursEnergyCarbonAndMoneyAreBudgetsToo() {
        assertThat(read("12 h")).isEqualTo("12 hours");
        assertThat(read("1.5 hours")).isEqualTo("1.5 hours");
        assertThat(read("400 device-hours")).isEqualTo("400 device-hours");
        assertThat(read("1 device-hour")).isEqualTo("1 device-hours");
        assertThat(read("50 kWh")).isEqualTo("50 kWh");
        assertThat(read("2.5 MWh")).isEqualTo("2500 kWh");
        assertThat(read("800 Wh")).isEqualTo("0.8 kWh");
        assertThat(read("20 kg CO2e")).isEqualTo("20 kg CO2e");
        assertThat(read("20 kg")).isEqualTo("20 kg CO2e");
        assertThat(read("750 g CO2")).isEqualTo("0.75 kg CO2e");
        assertThat(read("1 t CO2e")).isEqualTo("1000 kg CO2e");
        assertThat(read("500 USD")).isEqualTo("500 USD");
        assertThat(read("1_500.50 eur")).isEqualTo("1500.50 EUR");
    }

    private static String read(String budget) {
        return Budget.parse(budget).readable();
    }

    @Test
    void aCostBuysTheStepsThatItsRateAllows() {
        Budget budget = Budget.parse("10 kWh");
        assertThat(budget.steps(IMAGE, 4, 100, _ -> 3.0)).isEqualTo(3);
        assertThat(budget.steps(IMAGE, 4, 100, _ -> 0.1)).as("not 99").isEqualTo(100);
        assertThatThrownBy(() -> budget.steps(IMAGE, 4, 100, _ -> 10.5))
                .hasMessage(
                        "The budget of 10 kWh is too small for one step: a step is 4 images and"
                                + " 4.00 kFLOP (4,000 FLOP), or 10.5 kWh. Give at least that, or a"
                                + " smaller batch.");
    }

    @Test
    void aMisspeltUnitIsAnsweredWithTheNearest() {
        assertThatThrownBy(() -> Budget.parse("5 kWhh"))
                .hasMessage("the unit kWhh is not known here; did you mean kWh?");
        assertThatThrownBy(() -> Budget.parse("5 kg CO3"))
                .hasMessage("the unit kg CO3 is not known here; did you mean kg CO2e?");
        assertThatThrownBy(() -> Budget.parse("5 device-huors"))
                .hasMessage("the unit device-huors is not known here; did you mean device-hours?");
        assertThatThrownBy(() -> Budget.parse("5 USDD"))
                .hasMessage("the unit USDD is not known here; did you mean USD?");
    }

    @Test
    void aBudgetTooSmallForOneStepSaysWhatAStepCosts() {
        assertThatThrownBy(() -> steps("3999 FLOP"))
                .isInstanceOf(InputException.class)
                .hasMessage(
                        "The budget of 4.00 kFLOP is too small for one step: a step is 4 images and"
                                + " 4.00 kFLOP (4,000 FLOP). Give at least that, or a smaller"
                                + " batch.");
    }

    @Test
    void whatIsNotABudgetIsSaid() {
        assertThatThrownBy(() -> Budget.parse("lots"))
                .hasMessage("write an amount and its unit, such as 2e13 FLOP");
        assertThatThrownBy(() -> Budget.parse("5 TFLOPP"))
                .hasMessage("the unit TFLOPP is not known here; did you mean TFLOP?");
        assertThatThrownBy(() -> Budget.parse("5 parsecs"))
                .hasMessage(
                        "the unit parsecs is not known here; write FLOP, steps, images, epochs,"
                                + " hours, device-hours, kWh, kg CO2e or a currency such as USD");
        assertThatThrownBy(() -> Budget.parse("0 steps")).hasMessage("it must be positive");
        assertThatThrownBy(() -> Budget.parse("1.5 steps"))
                .hasMessage("steps and images are whole numbers");
    }

    @Test
    void totalsBeyondALongStayExact() {
        Work image = Work.product("image", 1, 1_000_000, 1000, 53_200).named("image");
        Plan plan =
                Plan.of(
                        Budget.parse("250000 steps"),
                        Budget.Rates.NONE,
                        image,
                        Work.none("again"),
                        4096,
                        1_281_167,
                        32);
        assertThat(plan.flops())
                .isEqualTo(
                        new BigInteger("106400000000").multiply(new BigInteger("1024000000000")));
        assertThat(plan.flopsPerDevice().multiply(BigInteger.valueOf(32))).isEqualTo(plan.flops());
        assertThat(plan.images()).isEqualTo(1_024_000_000L);
    }

    @Test
    void aFigureExplainsItself() {
        Work work = Work.sum("image", IMAGE.named("encoder"), IMAGE.times(2, "blocks"));
        assertThat(work.flops()).isEqualTo(3000);
        assertThat(work.of("encoder")).isEqualTo(1000);
        assertThat(work.explain().lines())
                .satisfiesExactly(
                        line -> assertThat(line).contains("image", "3,000 FLOP", "= sum"),
                        line -> assertThat(line).contains("encoder", "= 2 x 10 x 10 x 5"),
                        line -> assertThat(line).contains("2,000 FLOP", "5 x 2 blocks"));
    }

    @Test
    void theLedgerDerivesFlopsFromImages() {
        Ledger ledger = new Ledger(IMAGE, 0).plus(64).plus(64);
        assertThat(ledger.images()).isEqualTo(128);
        assertThat(ledger.flops()).isEqualTo(128_000);
    }
}
