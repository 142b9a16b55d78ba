package dev.isoflop.profile;

import dev.isoflop.budget.Precision;
import dev.isoflop.fault.Check;
import dev.isoflop.fault.InputException;
import dev.isoflop.method.Mae;
import dev.isoflop.run.Machine;
import dev.isoflop.run.RunListener;
import dev.isoflop.run.Stop;
import dev.isoflop.torch.Engine;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.torch.Parameters;
import dev.isoflop.train.Examples;
import dev.isoflop.train.Images;
import dev.isoflop.vit.Mask;
import dev.isoflop.vit.Patches;
import dev.isoflop.vit.VitShape;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/// Times forward and backward of a masked autoencoder, and of its encoder alone, on this machine's
/// processor: by mask ratio, with the authors' decoder of eight blocks and with one of one block.
///
/// The three are taken in turn, in one process, so that a load that changes changes all of them.
///
/// @param shape of the encoder
/// @param batch images
/// @param precision of matrix products
/// @param seconds for all of it, about
public record DecoderTiming(VitShape shape, int batch, Precision precision, double seconds) {

    private static final int LEAST_ROUNDS = 3;
    private static final int MOST_ROUNDS = 30;

    public DecoderTiming {
        Check.that(batch >= 1, "batch is %s; it must be at least 1", batch);
        Check.that(seconds > 0, "seconds is %s; write a time above 0", seconds);
    }

    /// That of an encoder by its name.
    ///
    /// @param encoder such as `B/16`
    /// @param image side in pixels
    /// @throws InputException if these do not go together, or cannot be
    public static DecoderTiming of(
            String encoder, int image, int batch, Precision precision, double seconds) {
        VitShape shape = Profiling.shape(encoder, image);
        try {
            return new DecoderTiming(shape, batch, precision, seconds);
        } catch (IllegalArgumentException e) {
            throw new InputException(String.valueOf(e.getMessage()), e);
        }
    }

    /// Times them.
    ///
    /// @param to who is told of each mask ratio
    /// @param stop asked after each round
    DecoderShares measured(RunListener to, Stop stop) {
        LibTorch.load(precision);
        TimingConditions conditions = TimingConditions.now(Clock.systemUTC());
        List<DecoderShares.Row> rows = new ArrayList<>();
        long start = System.nanoTime();
        int ratios = DecoderShares.PERCENT.size();
        for (int i = 0; i < ratios && !stop.wanted(); i++) {
            int percent = DecoderShares.PERCENT.get(i);
            List<DecoderShares.Round> rounds = rounds(percent, stop);
            if (!rounds.isEmpty()) {
                rows.add(new DecoderShares.Row(percent, rounds));
            }
            double spent = (System.nanoTime() - start) / 1e9;
            to.said(
                    String.format(
                            Locale.ROOT,
                            "mask ratio 0.%d: %d rounds  about %.0f s left",
                            percent,
                            rounds.size(),
                            spent / (i + 1) * (ratios - i - 1)));
        }
        return new DecoderShares(conditions, shape, batch, precision, rows);
    }

    private List<DecoderShares.Round> rounds(int percent, Stop stop) {
        List<DecoderShares.Round> rounds = new ArrayList<>();
        double end = System.nanoTime() / 1e9 + seconds / DecoderShares.PERCENT.size();
        try (PointerScope _ = new PointerScope()) {
            Mae.Config deepConfig = DecoderShares.config(percent, DecoderShares.DEEP);
            Mae deep = new Mae(deepConfig, shape);
            Mae tiny = new Mae(DecoderShares.config(percent, DecoderShares.TINY), shape);
            Parameters ofDeep = new Parameters(deep.trained());
            Parameters ofTiny = new Parameters(tiny.trained());
            Examples examples = new SyntheticExamples(deepConfig, shape, precision).of(batch);
            Images images = deep.batch(examples); // [B, 3, S, S]
            Tensor noise = torch.rand(batch, shape.patches()); // [B, N]
            int kept = deepConfig.kept(shape.patches());
            Supplier<Tensor> whole = () -> deep.loss(images, TracedStep.MID_RUN).total();
            Supplier<Tensor> small = () -> tiny.loss(images, TracedStep.MID_RUN).total();
            Supplier<Tensor> encoder = () -> encoder(deep, images, noise, kept);
            round(whole, encoder, small, ofDeep, ofTiny); // touches memory that the others find
            while (!stop.wanted()
                    && rounds.size() < MOST_ROUNDS
                    && (rounds.size() < LEAST_ROUNDS || System.nanoTime() / 1e9 < end)) {
                rounds.add(round(whole, encoder, small, ofDeep, ofTiny));
            }
        }
        return rounds;
    }

    /// The encoder over the patches that are seen, and a number that depends on all it says.
    private static Tensor encoder(Mae mae, Images images, Tensor noise, int kept) {
        Mask mask = Mask.of(noise, kept);
        Tensor embedded = mae.encoder().embed(images.pixels()); // [B, N, D]
        Tensor latent = mae.encoder().tokens(Patches.selected(embedded, mask.keep())); // [B,1+K,D]
        return latent.mul(latent).mean();
    }

    private DecoderShares.Round round(
            Supplier<Tensor> whole,
            Supplier<Tensor> encoder,
            Supplier<Tensor> small,
            Parameters ofDeep,
            Parameters ofTiny) {
        DecoderShares.Pass ofWhole = pass(whole, ofDeep);
        DecoderShares.Pass ofEncoder = pass(encoder, ofDeep);
        return new DecoderShares.Round(ofWhole, ofEncoder, pass(small, ofTiny));
    }

    /// Times one forward and backward pass.
    private DecoderShares.Pass pass(Supplier<Tensor> forward, Parameters parameters) {
        Device cpu = Engine.device("cpu");
        parameters.clearGradients();
        double processor = Machine.processorSeconds();
        long start = System.nanoTime();
        try (PointerScope _ = new PointerScope()) {
            Tensor result;
            try (Engine.Autocast _ = Engine.autocast(cpu, precision)) {
                result = forward.get();
            }
            result.backward();
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        return new DecoderShares.Pass(seconds, Machine.processorSeconds() - processor);
    }
}
