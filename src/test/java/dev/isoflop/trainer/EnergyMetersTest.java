package dev.isoflop.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.isoflop.budget.Devices;
import dev.isoflop.budget.Estimate;
import dev.isoflop.carbon.Conditions;
import dev.isoflop.carbon.Grids;
import dev.isoflop.run.Provenance;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

final class EnergyMetersTest {

    private static Provenance.Electricity figures(
            boolean cuda, List<String> products, Optional<Conditions> cost) {
        return EnergyMeters.figures(cuda, products, cost, List.of(), List.of());
    }

    @Test
    void aRecipeThatNamesNoRegionHasTheWorldsGridAndNoPue() {
        Provenance.Electricity world = figures(false, List.of(), Optional.empty());
        assertThat(world.grid()).isEqualTo("the world, for the recipe names no region");
        assertThat(world.intensity()).isEqualTo(Grids.named(Grids.WORLD).intensity());
        assertThat(world.pue().value()).isEqualTo(1);
    }

    @Test
    void theRegionOfTheRecipeDecidesIntensityAndPue() {
        Conditions cost = Conditions.of(Devices.named("h100"), 1, Grids.named("gcp/europe-west1"));
        Provenance.Electricity belgium = figures(false, List.of(), Optional.of(cost));
        assertThat(belgium.grid()).isEqualTo(cost.grid().name());
        assertThat(belgium.intensity()).isEqualTo(cost.grid().intensity());
        assertThat(belgium.pue()).isEqualTo(cost.pue());
        assertThat(Objects.requireNonNull(belgium.power()).name())
                .as("the run computes on this machine's processor, whatever is planned")
                .isEqualTo("power of the processor");
    }

    @Test
    void theGpuIsThatOfItsOwnNameElseThatOfTheRecipe() {
        Conditions cost = Conditions.of(Devices.named("h100"), 1, Grids.named(Grids.WORLD));
        Estimate l4 = Devices.named("l4").powerOrFault().mean();
        assertThat(power(List.of("processor", "NVIDIA L4"), Optional.of(cost)).value())
                .isEqualTo(l4.value());
        assertThat(power(List.of("NVIDIA L40S"), Optional.of(cost)).value())
                .isEqualTo(cost.device().powerOrFault().mean().value());
        assertThat(figures(true, List.of("NVIDIA L40S"), Optional.empty()).power()).isNull();
    }

    private static Estimate power(List<String> products, Optional<Conditions> cost) {
        return Objects.requireNonNull(figures(true, products, cost).power());
    }

    @Test
    void theProcessorsPowerIsSharedOutAmongTheCoresOfTheCatalogues() {
        Estimate whole = Devices.named("cpu").powerOrFault().mean();
        Estimate two = EnergyMeters.processor(2);
        assertThat(two.value()).isCloseTo(whole.value() / 16, within(1e-9));
        assertThat(two.low()).isCloseTo(two.value() / 2, within(1e-9));
        assertThat(two.how()).contains("by the 2 that the system shows");
    }
}
