package dev.isoflop.torch;

import static dev.isoflop.golden.Golden.assertMatches;

import dev.isoflop.golden.Golden;

import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;

/// Case `interpolate`: PyTorch's resizing of maps.
class InterpolateGoldenTest {

    @Test
    void mapsAreResizedAsPyTorchDoes() {
        JsonNode golden = Golden.of("interpolate");
        long[] shape = Golden.longs(golden.get("shape"));
        Tensor map = Golden.signed(Golden.seed(golden), golden.get("input_t").asLong(), shape);
        for (JsonNode expected : golden.get("cases")) {
            String mode = expected.get("mode").asString();
            long height = expected.get("size").get(0).asLong();
            long width = expected.get("size").get(1).asLong();
            Tensor resized =
                    switch (mode) {
                        case "bilinear" -> Ops.bilinear(map, height, width);
                        case "bicubic" -> Ops.bicubic(map, height, width);
                        default -> throw new AssertionError(mode);
                    };
            assertMatches(mode + " to " + expected.get("size"), resized, expected.get("out"));
        }
    }
}
