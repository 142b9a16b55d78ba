package dev.isoflop.golden;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;

/// Case `fill_check`: the filling of inputs is the same here as in the reference, to the bit.
class FillGoldenTest {

    @Test
    void theFillingIsTheReferenceToTheBit() {
        JsonNode check = Golden.of("fill_check");
        long seed = Golden.seed(check);
        for (int i = 0; i < 4; i++) {
            double hex = Double.parseDouble(check.get("U_hex").get(i).asString());
            assertThat(Golden.u(seed, 0, i)).isEqualTo(check.get("U").get(i).asDouble());
            assertThat(Golden.u(seed, 0, i)).isEqualTo(hex);
            assertThat(Golden.s(seed, 3, i)).isEqualTo(check.get("S_t3").get(i).asDouble());
            assertThat(Golden.s(seed, 1000, 1_000_000 + i))
                    .isEqualTo(check.get("S_t1000_from_1e6").get(i).asDouble());
        }
    }
}
