import dev.isoflop.torch.AdamW;
import dev.isoflop.torch.Engine;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.torch.Ops;
import dev.isoflop.torch.Parameters;
import dev.isoflop.vit.Vit;
import dev.isoflop.vit.VitShape;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

import java.util.Arrays;
import java.util.Locale;

/// One AdamW update of ViT-B/16 three ways, in turn: libtorch's fused operator over the list of
/// parameters (what we use), the same arithmetic by hand over one flat buffer, and libtorch's own C++
/// class.
///
///     java -cp 'target/isoflop.jar:target/lib/*' bench/Optimiser.java [rounds]
final class Optimiser {

    private static final double RATE = 1e-4;

    public static void main(String[] arguments) {
        int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 9;
        LibTorch.load();
        Vit vit = new Vit(VitShape.of("B/16", 224));
        Parameters parameters = new Parameters(vit);
        parameters
                .named()
                .values()
                .forEach(p -> p.mutable_grad().put(Ops.times(torch.ones_like(p), 1e-3).detach()));
        AdamW ours = new AdamW(parameters, new AdamW.Settings(0.9, 0.95, 1e-8, 0.05));
        TensorVector list = new TensorVector();
        parameters.named().values().forEach(list::push_back);
        var theirs = new org.bytedeco.pytorch.AdamW(list, new AdamWOptions(RATE));
        Tensor flat = parameters.values();
        Tensor gradient = Ops.times(torch.ones_like(flat), 1e-3);
        Tensor mean = torch.zeros_like(flat);
        Tensor square = torch.zeros_like(flat);
        double[][] seconds = new double[3][rounds];
        for (int i = 0; i < rounds; i++) {
            int step = i + 1;
            seconds[0][i] = time(() -> ours.step(RATE, 0.05));
            seconds[1][i] = time(() -> byHand(flat, gradient, mean, square, step));
            seconds[2][i] = time(theirs::step);
        }
        String[] names = {"fused, list of parameters", "by hand, one flat buffer", "C++ class"};
        System.out.printf(
                "%,d parameters, %d threads, %d rounds, medians%n",
                parameters.count(), Engine.threads(), rounds);
        for (int k = 0; k < names.length; k++) {
            System.out.printf(Locale.ROOT, "%-28s %6.1f ms%n", names[k], 1000 * median(seconds[k]));
        }
    }

    private static void byHand(Tensor p, Tensor g, Tensor m, Tensor v, int step) {
        double biasMean = 1 - Math.pow(0.9, step);
        double biasSquare = Math.sqrt(1 - Math.pow(0.95, step));
        p.mul_(new Scalar(1 - RATE * 0.05));
        m.lerp_(g, new Scalar(0.1));
        v.mul_(new Scalar(0.95)).addcmul_(g, g, new Scalar(0.05));
        Tensor root = v.sqrt();
        root.div_(new Scalar(biasSquare)).add_(new Scalar(1e-8));
        p.addcdiv_(m, root, new Scalar(-RATE / biasMean));
    }

    private static double time(Runnable update) {
        try (PointerScope _ = new PointerScope();
                NoGradGuard _ = new NoGradGuard()) {
            long start = System.nanoTime();
            update.run();
            return (System.nanoTime() - start) / 1e9;
        }
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
