package dev.isoflop.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.isoflop.budget.Work;
import dev.isoflop.vit.DecoderShape;
import dev.isoflop.vit.VitShape;

import org.junit.jupiter.api.Test;

import java.math.BigInteger;

/// Prices and sizes at the paper's encoders, beside those of the authors' own classes.
class PriceTest {

    @Test
    void encodersHaveTheParametersThatThePaperCounts() {
        assertThat(VitShape.of("B/16", 224).parameters()).isEqualTo(85_798_656);
        assertThat(VitShape.of("L/16", 224).parameters()).isEqualTo(303_301_632);
        assertThat(VitShape.blockParameters(768)).isEqualTo(7_087_872);
        assertThat(VitShape.blockParameters(1024)).isEqualTo(12_596_224);
        assertThat(VitShape.blockParameters(512)).isEqualTo(3_152_384);
        Mae.Config eight = Mae.Config.DEFAULT;
        Mae.Config one = new Mae.Config(0.75, new DecoderShape(512, 1, 16), true);
        assertThat(eight.parameters(VitShape.of("B/16", 224))).isEqualTo(111_907_840);
        assertThat(one.parameters(VitShape.of("B/16", 224))).isEqualTo(89_841_152);
        assertThat(eight.parameters(VitShape.of("L/16", 224))).isEqualTo(329_541_888);
        assertThat(one.parameters(VitShape.of("L/16", 224))).isEqualTo(307_475_200);
        Supervised.Config imageNet = Supervised.Config.DEFAULT.withClasses(1000);
        assertThat(imageNet.parameters(VitShape.of("B/16", 224))).isEqualTo(86_567_656);
        assertThat(imageNet.parameters(VitShape.of("L/16", 224))).isEqualTo(304_326_632);
        assertThat(SimClr.Config.DEFAULT.projector().parameters(768)).isEqualTo(1_281_152);
        assertThat(SimClr.Config.DEFAULT.projector().parameters(1024)).isEqualTo(2_232_448);
        assertThat(Byol.Config.DEFAULT.projector().parameters(768)).isEqualTo(4_206_592);
        assertThat(Byol.Config.DEFAULT.projector().parameters(1024)).isEqualTo(5_255_168);
        assertThat(Byol.Config.DEFAULT.projector().parameters(256)).isEqualTo(2_109_440);
    }

    @Test
    void twoViewsCostSixForwardPassesButForTheGradientOfTheirPixelsAndATargetTwoMore() {
        // GMAC of the official classes: three forward passes a view, one of a target. No step
        // computes the gradient of pixels, which takes 0.23 from B and 0.31 from L; heads, and
        // comparing views with 8,192 others, add 0.01 (SimCLR) and 0.04 (BYOL) to B
        assertTwoViews("B/16", 105, 141);
        assertTwoViews("L/16", 369, 492);
    }

    private static void assertTwoViews(String encoder, double simClrGmac, double byolGmac) {
        VitShape shape = VitShape.of(encoder, 224);
        Work simClr = SimClr.Config.DEFAULT.perImage(shape, 4096);
        Work byol = Byol.Config.DEFAULT.perImage(shape, 4096);
        assertThat(gmac(simClr.flops())).isCloseTo(simClrGmac, within(0.01 * simClrGmac));
        assertThat(gmac(byol.flops())).isCloseTo(byolGmac, within(0.01 * byolGmac));

        BigInteger views = shape.forwardWork("views", 2).flops();
        BigInteger pixels = shape.embeddingWork().flops().multiply(BigInteger.TWO);
        BigInteger encoders = views.multiply(BigInteger.valueOf(3)).subtract(pixels);
        assertThat(simClr.of("encoder")).isEqualTo(encoders);
        assertThat(byol.of("encoder")).isEqualTo(encoders);
        BigInteger besideSimClr = simClr.of("heads").add(simClr.of("loss"));
        assertThat(simClr.flops().subtract(encoders)).isEqualTo(besideSimClr);
        assertThat(gmac(besideSimClr)).isLessThan(0.02);
        Work projector = Byol.Config.DEFAULT.projector().work("projector", shape.width());
        assertThat(byol.of("teacher")).isEqualTo(views.add(projector.times(2, "views").flops()));
        assertThat(gmac(byol.of("heads"))).isLessThan(0.05);
    }

    private static double gmac(BigInteger flops) {
        return flops.doubleValue() / 2e9;
    }

    @Test
    void aClassifierCostsThreeForwardPassesButForTheGradientOfItsPixels() {
        VitShape base = VitShape.of("B/16", 224);
        var price = Supervised.Config.DEFAULT.withClasses(1000).perImage(base, 1);
        assertThat(price.flops())
                .isEqualTo(
                        price.of("forward")
                                .multiply(BigInteger.valueOf(3))
                                .subtract(base.embeddingWork().flops()));
        // 52.7 GMAC with that gradient, which no step computes
        assertThat(price.flops().doubleValue() / 2e9).isCloseTo(52.58, within(5e-3));
    }

    @Test
    void aHeadOfDinoHasTheParametersOfTheAuthors() {
        assertThat(Dino.Config.DEFAULT.head().parameters(768)).isEqualTo(23_138_560);
        assertThat(Dino.Config.DEFAULT.head().parameters(1024)).isEqualTo(23_662_848);
    }

    @Test
    void tenLocalViewsOfDinoCostThreeForwardPassesAndTheTeachersButForTheGradientOfPixels() {
        Dino.Config usual = Dino.Config.DEFAULT;
        Dino.Config ten =
                new Dino.Config(usual.head(), 10, 96, usual.distillation(), usual.handsOnTeacher());
        // GMAC of the official classes with the gradient of pixels, which no step computes
        double[][] expected = {{237, 768}, {831, 1024}};
        VitShape[] encoders = {VitShape.of("B/16", 224), VitShape.of("L/16", 224)};
        for (int i = 0; i < encoders.length; i++) {
            VitShape encoder = encoders[i];
            assertThat(encoder.width()).isEqualTo((int) expected[i][1]);
            double pixels =
                    2 * encoder.embeddingWork().flops().doubleValue()
                            + 10 * encoder.at(96).embeddingWork().flops().doubleValue();
            double price = ten.perImage(encoder, 1).flops().doubleValue();
            assertThat((price + pixels) / 2e9).isCloseTo(expected[i][0], within(0.5));
            assertThat(price / 2e9).isCloseTo(expected[i][0], withinPercentage(1));
        }
    }

    @Test
    void aForwardPassCostsWhatTheAuthorsNetworkDoes() {
        // GMAC forward: encoder and decoder at each ratio, ViT-B (counts of the official classes)
        double[][] expected = {
            {0.55, 7.821, 5.388}, {0.65, 6.064, 5.380}, {0.75, 4.408, 5.373}, {0.85, 2.680, 5.365}
        };
        VitShape base = VitShape.of("B/16", 224);
        for (double[] e : expected) {
            Mae.Config mae = new Mae.Config(e[0], Mae.Config.DEFAULT.decoder(), true);
            var forward = mae.perImage(base, 1).parts().getFirst();
            assertThat(forward.of("encoder").doubleValue() / 2e9).isCloseTo(e[1], within(5e-4));
            assertThat(forward.of("decoder").doubleValue() / 2e9).isCloseTo(e[2], within(5e-4));
        }
    }
}
