package dev.isoflop.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.isoflop.golden.Golden;
import dev.isoflop.torch.AdamW;

import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/// Case `schedules`: the authors' warm-ups and cosines, and mmsegmentation's polynomial.
class SchedulesGoldenTest {

    private static final Pattern ARGUMENTS =
            Pattern.compile(
                    "lr=([0-9.e-]+)\\*([0-9]+)/256, min_lr=([0-9.e-]+), warmup_epochs=([0-9]+),"
                            + " epochs=([0-9]+).*");

    @Test
    void theRateOfMaeFollowsTheShareOfTheBudget() {
        JsonNode golden = Golden.of("schedules").get("mae");
        Matcher m = ARGUMENTS.matcher(golden.get("args").asString());
        assertThat(m.matches()).as(golden.get("args").asString()).isTrue();
        double peak = Double.parseDouble(m.group(1)) * Integer.parseInt(m.group(2)) / 256;
        double end = Double.parseDouble(m.group(3));
        double epochs = Double.parseDouble(m.group(5));
        double warmup = Double.parseDouble(m.group(4)) / epochs;
        Schedule schedule = new Schedule.WarmupCosine(0, peak, end, warmup, warmup);
        for (JsonNode value : golden.get("values")) {
            double share = value.get("epoch").asDouble() / epochs;
            assertThat(schedule.at(share))
                    .as("epoch %s", value.get("epoch"))
                    .isCloseTo(value.get("lr").asDouble(), within(Golden.TOLERANCE * peak));
        }
    }

    @Test
    void rateWeightDecayAndMomentumOfDinoAreThoseOfTheAuthors() {
        JsonNode golden = Golden.of("schedules").get("dino");
        double[] a =
                arguments(
                        golden,
                        "lr=cosine_scheduler\\(#\\*#/256,#,epochs=#,niter=#,warmup_epochs=#\\);"
                                + " wd=\\(#,#,#,#\\); ema=\\(#,#,#,#\\)");
        long steps = Math.round(a[3] * a[4]);
        Span warmup = new Span.Share(a[5] / a[3]);
        Optimisation.Rate rate = new Optimisation.Rate(a[0], true, 0, a[2], warmup, true);
        assertFollows(rate.schedule((int) a[1], steps), golden.get("lr"), steps);
        Optimisation decaying =
                new Optimisation(
                        rate, new AdamW.Settings(0.9, 0.999, 1e-8, a[6]), a[7], Optional.empty());
        assertFollows(decaying.weightDecay(), golden.get("wd"), Math.round(a[8] * a[9]));
        assertFollows(Schedule.cosine(a[10], a[11]), golden.get("ema"), Math.round(a[12] * a[13]));
    }

    @Test
    void rateAndMomentumOfByolAreThoseOfTheAuthors() {
        JsonNode golden = Golden.of("schedules").get("byol");
        double[] a = arguments(golden, "lr: base # bs # total # warm #; tau base # max #");
        long steps = Math.round(a[2]);
        Span warmup = new Span.Steps(Math.round(a[3]));
        Optimisation.Rate rate = new Optimisation.Rate(a[0], true, 0, 0, warmup, false);
        assertFollows(rate.schedule((int) a[1], steps), golden.get("lr"), steps);
        assertFollows(Schedule.cosine(a[4], 1), golden.get("tau"), Math.round(a[5]));
    }

    @Test
    void theRateOfClipIsThatOfOptax() {
        JsonNode golden = Golden.of("schedules").get("clip");
        double[] a = arguments(golden, "init # peak # warm # total # end # .*");
        long steps = Math.round(a[3]);
        Span warmup = new Span.Steps(Math.round(a[2]));
        Optimisation.Rate rate = new Optimisation.Rate(a[1], false, a[0], a[4], warmup, false);
        assertFollows(rate.schedule(1, steps), golden.get("lr"), steps);
    }

    @Test
    void thePolynomialIsThatOfMmsegmentation() {
        JsonNode golden = Golden.of("schedules").get("mmseg_poly");
        double[] a =
                arguments(
                        golden,
                        "base #, max_iters #, warmup linear # ratio # power # min_lr #; iter is"
                                + " 0-based");
        long steps = Math.round(a[1]);
        Optimisation.Decay decay = new Optimisation.Decay.Polynomial(a[4]);
        Span warmup = new Span.Steps(Math.round(a[2]));
        Optimisation.Rate rate =
                new Optimisation.Rate(a[0], false, a[0] * a[3], a[5], warmup, false, decay);
        assertFollows(rate.schedule(1, steps), golden.get("lr"), steps);
        Schedule schedule = rate.schedule(1, steps);
        double first = golden.get("lr").get("0").asDouble();
        assertThat(schedule.at(0)).isCloseTo(first, within(1e-9 * first));
    }

    /// The numbers that a case was made with, in the order of its text.
    ///
    /// @param text its `args`, with # for each number
    private static double[] arguments(JsonNode golden, String text) {
        String args = golden.get("args").asString();
        Matcher m = Pattern.compile(text.replace("#", "([0-9.e-]+)")).matcher(args);
        assertThat(m.matches()).as(args).isTrue();
        return IntStream.rangeClosed(1, m.groupCount())
                .mapToDouble(i -> Double.parseDouble(m.group(i)))
                .toArray();
    }

    /// Whether a schedule has the values of a case, by step; relative to the largest of them.
    private static void assertFollows(Schedule schedule, JsonNode values, long steps) {
        double largest =
                values.properties().stream()
                        .mapToDouble(e -> Math.abs(e.getValue().asDouble()))
                        .max()
                        .orElseThrow();
        values.properties()
                .forEach(e ->
                        assertThat(schedule.at(Double.parseDouble(e.getKey()) / steps))
                                .as("step %s", e.getKey())
                                .isCloseTo(
                                        e.getValue().asDouble(),
                                        within(Golden.TOLERANCE * largest)));
    }
}
