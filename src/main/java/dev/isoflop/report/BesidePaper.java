package dev.isoflop.report;

import dev.isoflop.budget.Plan;
import dev.isoflop.budget.Work;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;

/// What Koppula et al. 2022 say of their runs, beside what these runs cost by formula.
///
/// Each remark is made of the runs it speaks of, and is left out where they are not among those
/// that were priced.
public final class BesidePaper {

    private static final double QUOTED_BASE = 3e18; // section 3.2, CLIP with ViT-B
    private static final double QUOTED_LARGE = 6e18; // section 3.2, CLIP with ViT-L
    private static final long BASE_STEPS = 250_000;
    private static final long LARGE_STEPS = 125_000;
    private static final int BATCH = 4096;
    private static final int STUDY_DEVICES = 32;
    private static final double IMAGENET_1K = 1_281_167;

    /// One remark.
    ///
    /// @param about in a few words
    /// @param text in a few sentences
    public record Remark(String about, String text) {}

    private final List<PricedRun> runs;

    private BesidePaper(List<PricedRun> runs) {
        this.runs = runs;
    }

    /// The remarks that these runs give occasion to; none where they are no runs of that study.
    public static List<Remark> of(PricedStudy study) {
        var paper = new BesidePaper(study.runs());
        List<Remark> remarks = new ArrayList<>();
        Optional<Plan> base = paper.clip("ViT-B/16", BASE_STEPS);
        Optional<Plan> large = paper.clip("ViT-L/16", LARGE_STEPS);
        if (base.isPresent() && large.isPresent()) {
            remarks.add(axis(base.get(), large.get()));
            remarks.add(gain(base.get(), large.get()));
        }
        Optional<Plan> usual = paper.mae("-mask-0.75-decoder-8-");
        Optional<Plan> tiny = paper.mae("-mask-0.75-decoder-1-");
        Optional<Plan> light = paper.mae("-mask-0.55-decoder-8-");
        Optional<Plan> sparse = paper.mae("-mask-0.85-decoder-8-");
        if (usual.isPresent() && tiny.isPresent()) {
            remarks.add(tinyDecoder(usual.get(), tiny.get()));
        }
        if (usual.isPresent() && light.isPresent() && sparse.isPresent()) {
            remarks.add(decoderShare(light.get(), usual.get(), sparse.get()));
        }
        Optional<Plan> plain = paper.supervised();
        if (sparse.isPresent() && plain.isPresent()) {
            remarks.add(masking(sparse.get(), plain.get()));
        }
        if (!remarks.isEmpty()) {
            remarks.add(schedules());
            remarks.add(efficiency());
        }
        return remarks;
    }

    private Optional<Plan> clip(String encoder, long steps) {
        return first(run ->
                run.method().equals("clip")
                        && run.encoder().equals(encoder)
                        && run.plan().steps() == steps
                        && run.plan().batch() == BATCH
                        && !run.name().contains("medium"));
    }

    private Optional<Plan> mae(String setting) {
        return first(run ->
                run.method().equals("mae")
                        && run.encoder().equals("ViT-B/16")
                        && run.plan().batch() == BATCH
                        && run.name().contains(setting));
    }

    private Optional<Plan> supervised() {
        return first(run -> run.method().equals("supervised") && run.encoder().equals("ViT-B/16"));
    }

    private Optional<Plan> first(Predicate<PricedRun> wanted) {
        return runs.stream()
                .filter(run -> !run.figures().isEmpty())
                .filter(wanted)
                .map(PricedRun::plan)
                .findFirst();
    }

    private static Remark axis(Plan base, Plan large) {
        return new Remark(
                "The axis of the figures",
                String.format(
                        Locale.ROOT,
                        "Section 3.2 quotes %s FLOPs for CLIP with ViT-B and %s with ViT-L. By"
                            + " formula %,d steps of ViT-B are %s in total and %s for one device of"
                            + " %d; %,d steps of ViT-L %s and %s. So the paper's axis seems to be"
                            + " the compiled program of one device of 32. That is our inference:"
                            + " the paper does not say it.",
                        exponent(QUOTED_BASE),
                        exponent(QUOTED_LARGE),
                        base.steps(),
                        Amount.size(base.flops()),
                        Amount.size(perDevice(base)),
                        STUDY_DEVICES,
                        large.steps(),
                        Amount.size(large.flops()),
                        Amount.size(perDevice(large))));
    }

    private static BigInteger perDevice(Plan plan) {
        return plan.flops().divide(BigInteger.valueOf(STUDY_DEVICES));
    }

    private static Remark gain(Plan base, Plan large) {
        return new Remark(
                "\"A 3x gain\"",
                String.format(
                        Locale.ROOT,
                        "The same sentence calls %s against %s \"a 3x gain in efficiency\". It is"
                                + " %.0f times; by formula %.2f.",
                        exponent(QUOTED_BASE),
                        exponent(QUOTED_LARGE),
                        QUOTED_LARGE / QUOTED_BASE,
                        ratio(large.flops(), base.flops())));
    }

    private static Remark tinyDecoder(Plan usual, Plan tiny) {
        return new Remark(
                "MAE's small decoder",
                String.format(
                        Locale.ROOT,
                        "Section 2.1 says that a decoder of one block makes training 72%% faster,"
                            + " section A.5 that it is 95%%. By FLOPs a step of ViT-B at mask ratio"
                            + " 0.75 is %.2f times as cheap: %.0f%%. Wall clock need not follow"
                            + " FLOPs.",
                        ratio(usual.flopsPerStep(), tiny.flopsPerStep()),
                        100 * (ratio(usual.flopsPerStep(), tiny.flopsPerStep()) - 1)));
    }

    private static Remark decoderShare(Plan light, Plan usual, Plan sparse) {
        return new Remark(
                "The decoder's share",
                String.format(
                        Locale.ROOT,
                        "Section 2.1 puts the decoder at up to 85%% of a step, section A.5 at about"
                            + " 65%% for mask ratio 0.75 and 45%% for 0.55. By FLOPs of the forward"
                            + " pass, ViT-B with eight blocks, it is %.1f%% at 0.85, %.1f%% at 0.75"
                            + " and %.1f%% at 0.55.",
                        decoder(sparse),
                        decoder(usual),
                        decoder(light)));
    }

    private static Remark masking(Plan sparse, Plan plain) {
        BigInteger whole = plain.perImage().of("encoder");
        BigInteger masked = sparse.perImage().flops();
        return new Remark(
                "What masking saves",
                String.format(
                        Locale.ROOT,
                        "Section A.5 says that masking 85%% of an image saves slightly under 30%%"
                            + " of the wall-clock time of a plain encoder. By FLOPs, forward and"
                            + " backward, ViT-B with eight blocks in the decoder is %.1f GFLOP an"
                            + " image where the encoder on all patches is %.1f: %.0f%% less.",
                        masked.doubleValue() / 1e9,
                        whole.doubleValue() / 1e9,
                        100 * (1 - ratio(masked, whole))));
    }

    private static double decoder(Plan plan) {
        Work forward =
                plan.perImage().parts().stream()
                        .filter(part -> part.name().equals("forward"))
                        .findFirst()
                        .orElseThrow();
        return 100 * ratio(forward.of("decoder"), forward.flops());
    }

    private static Remark schedules() {
        return new Remark(
                "DINO's schedules",
                String.format(
                        Locale.ROOT,
                        "Section 2.1 runs DINO at a quarter of the batch \"for 4x longer\". Of its"
                            + " schedules in A.3 only 250, 500 and 750 thousand steps are four"
                            + " times a schedule of the others; 125 thousand steps of 1,024 see"
                            + " half the images of 62.5 thousand of 4,096. On ImageNet and COCO A.3"
                            + " trains \"all methods for 250K at batch size 4096\", section 2.1"
                            + " makes that a million of 1,024, as the recipes have it: the same"
                            + " images. That 250 thousand steps of 4,096 are 800 epochs of"
                            + " ImageNet-1K does add up: %.1f.",
                        BASE_STEPS * BATCH / IMAGENET_1K));
    }

    private static Remark efficiency() {
        return new Remark(
                "Energy and CO2",
                "Section 2.3 speaks of the datacenter's efficiency. The calculator that A.1 names"
                    + " lists a PUE since November 2022 and never uses it; it rounds the grid's 267"
                    + " g/kWh of then to 0.27 kg. With --as-paper the figures here are its own. The"
                    + " paper's power law from FLOPs to steps a second (R2 = 0.97) is not printed,"
                    + " so hours here come from a share of the device's peak, or from steps timed"
                    + " on it.");
    }

    private static double ratio(BigInteger one, BigInteger other) {
        return one.doubleValue() / other.doubleValue();
    }

    private static String exponent(double value) {
        return String.format(Locale.ROOT, "%.0e", value).replace("e+", "e");
    }
}
