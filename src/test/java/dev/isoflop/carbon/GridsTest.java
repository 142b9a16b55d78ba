package dev.isoflop.carbon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.isoflop.budget.Devices;
import dev.isoflop.budget.Estimate;
import dev.isoflop.fault.InputException;

import org.junit.jupiter.api.Test;

class GridsTest {

    @Test
    void everyGridHasItsOwnIdAndASourceWithItsYear() {
        assertThat(Grids.known()).hasSizeGreaterThan(250);
        assertThat(Grids.known().stream().map(Grid::id).toList()).doesNotHaveDuplicates();
        assertThat(Grids.known())
                .allSatisfy(
                        grid -> assertThat(grid.intensity().source()).matches(".+, for \\d{4}"));
    }

    @Test
    void aRegionOfOneCloudNeedsNoCloud() {
        assertThat(Grids.named("europe-west1").id()).isEqualTo("gcp/europe-west1");
        assertThat(Grids.named("Germany").id()).isEqualTo("deu");
    }

    @Test
    void aMisspeltRegionIsToldTheNearest() {
        assertThatThrownBy(() -> Grids.named("europe-wes1"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("did you mean europe-west1?");
    }

    /// 32 chips of 283 W for an hour at 267 g/kWh and no PUE: 9.056 kWh, 2.418 kg.
    @Test
    void theFootprintOfTheStudysHourIsThatOfItsFormula() {
        Conditions study = Conditions.of(Devices.named("tpu-v3"), 32, Grid.stated(267));
        Estimate hour = Estimate.stated("hours", 1, "h", "one", "a clock");
        Footprint footprint = Footprint.of(study, hour);
        assertThat(footprint.energy().orElseThrow().value()).isCloseTo(9.056, within(1e-9));
        assertThat(footprint.carbon().orElseThrow().value()).isCloseTo(2.417952, within(1e-6));
        assertThat(footprint.money()).isEmpty();
    }

    @Test
    void thePueOfTheRegionEntersTheEnergy() {
        Conditions cloud = Conditions.of(Devices.named("h100"), 8, Grids.named("gcp/us-central1"));
        Estimate hour = Estimate.stated("hours", 10, "h", "ten", "a clock");
        double pue = cloud.pue().value();
        assertThat(pue).isGreaterThan(1);
        double watts = cloud.device().powerOrFault().mean().value();
        assertThat(Footprint.of(cloud, hour).energy().orElseThrow().value())
                .isCloseTo(watts * 8 * 10 * pue / 1000, within(1e-9));
    }
}
