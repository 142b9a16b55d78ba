package dev.isoflop.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.isoflop.golden.Golden;
import dev.isoflop.torch.Ops;

import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// The steps in floats against the colour functions of BYOL's own code: the planes and the steps
/// are those that the loader's workers run.
class ByolAugmentGoldenTest {

    private static final Pattern IMAGE = Pattern.compile("U\\(seed,(\\d+),i\\), (\\d+)x(\\d+)x3");

    private final JsonNode golden = Golden.of("byol_augment");
    private final JsonNode params = golden.get("params");
    private final Values values = new Values();
    private int height;
    private int width;

    @BeforeEach
    void fill() {
        MatchResult image =
                IMAGE.matcher(golden.get("image").asString()).results().findFirst().orElseThrow();
        int tensor = Integer.parseInt(image.group(1));
        height = Integer.parseInt(image.group(2));
        width = Integer.parseInt(image.group(3));
        values.shape(width, height);
        for (int i = 0; i < 3 * width * height; i++) {
            values.planes()[i % 3][i / 3] = Golden.u(Golden.seed(golden), tensor, i);
        }
    }

    private Step step(String name) {
        Function<String, Double> of = parameter -> params.get(parameter).asDouble();
        return switch (name) {
            case "brightness" -> new Step.Lighter(of.apply("brightness"));
            case "contrast" -> new Step.Contrast(of.apply("contrast"));
            case "saturation" -> new Step.Saturation(of.apply("saturation"));
            case "hue" -> new Step.Hue(of.apply("hue"));
            case "grayscale" -> new Step.Grayscale();
            case "solarize" -> new Step.Solarise(of.apply("solarize"));
            case "blur" -> new Step.GaussianBlur(of.apply("blur_sigma"), radius());
            default -> throw new AssertionError(name);
        };
    }

    private int radius() {
        return golden.get("blur_kernel_size_arg").asInt() / 2;
    }

    private void assertAfter(List<Step> steps, String expected) {
        values.take(steps);
        assertShows(expected);
    }

    private void assertShows(String expected) {
        double[] pixels = new double[3 * width * height];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = values.planes()[i % 3][i / 3];
        }
        try (var _ = new PointerScope()) {
            Golden.assertMatches(
                    expected, Ops.tensor(pixels, height, width, 3), golden.get(expected));
        }
    }

    @Test
    void hueSaturationAndValueAreTheirs() {
        int n = width * height;
        double[][] rgb = values.planes();
        double[] hue = new double[n];
        double[] range = new double[n];
        double[] value = new double[n];
        Values.toHsv(rgb[0], rgb[1], rgb[2], hue, range, value, n, 0);
        for (int i = 0; i < n; i++) {
            rgb[0][i] = hue[i];
            rgb[1][i] = range[i] / value[i]; // no pixel is black
            rgb[2][i] = value[i];
        }
        assertShows("hsv");
    }

    @Test
    void brightnessIsTheirs() {
        assertAfter(List.of(step("brightness")), "brightness");
    }

    @Test
    void contrastIsTheirs() {
        assertAfter(List.of(step("contrast")), "contrast");
    }

    @Test
    void saturationIsTheirs() {
        assertAfter(List.of(step("saturation")), "saturation");
    }

    @Test
    void hueIsTheirs() {
        assertAfter(List.of(step("hue")), "hue");
    }

    @Test
    void theStepsInTheirOrderAreTheirs() {
        List<String> chains = new ArrayList<>();
        golden.propertyNames().stream()
                .filter(key -> key.startsWith("order_"))
                .forEach(chains::add);
        assertThat(chains).isNotEmpty();
        for (String chain : chains) {
            fill();
            List<Step> steps = new ArrayList<>();
            for (String name :
                    Pattern.compile("_")
                            .splitAsStream(chain.substring("order_".length()))
                            .toList()) {
                steps.add(step(name));
            }
            assertAfter(steps, chain);
        }
    }

    @Test
    void greyIsTheirs() {
        assertAfter(List.of(step("grayscale")), "grayscale");
    }

    @Test
    void solarisationIsTheirs() {
        assertAfter(List.of(step("solarize")), "solarize");
    }

    @Test
    void theBlursKernelIsTheirs() {
        double[] half = GaussianBlur.kernel(params.get("blur_sigma").asDouble(), radius());
        JsonNode kernel = golden.get("blur_kernel");
        assertThat(kernel.size()).isEqualTo(2 * half.length - 1);
        for (int i = 0; i < kernel.size(); i++) {
            double weight = half[Math.abs(i - radius())];
            assertThat(weight).isCloseTo(kernel.get(i).asDouble(), within(Golden.TOLERANCE));
        }
    }

    @Test
    void blurIsTheirs() {
        assertAfter(List.of(step("blur")), "blur");
    }
}
