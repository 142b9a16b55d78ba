package dev.isoflop.method;

import static dev.isoflop.golden.Golden.doubles;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.isoflop.budget.Precision;
import dev.isoflop.torch.Engine;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.torch.Ops;
import dev.isoflop.train.Progress;
import dev.isoflop.vit.Mask;
import dev.isoflop.vit.VitShape;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/// With bf16 on a CPU products are rounded to 8 bits, and nothing else is: no method takes a
/// softmax, a norm or a mean of what it compares in them.
class LossUnderAutocastTest {

    private static final Progress START = new Progress(0, 100, 1, 0);
    private static final int PROTOTYPES = 65_536; // of the authors
    private static final int WIDTH = 256; // of what is compared with them
    private static final double OF_THE_LOSS = 1e-6; // single precision
    private static final double OF_A_PRODUCT = 0.005; // of the norm; bfloat16 has 8 bits

    @BeforeAll
    static void load() {
        LibTorch.load();
    }

    private static <T> T autocast(Supplier<T> work) {
        try (Engine.Autocast _ = Engine.autocast(Engine.device("cpu"), Precision.BF16)) {
            return work.get();
        }
    }

    /// What a head makes of its input under autocast, as a tensor that a gradient can be asked of.
    private static Tensor rounded(Tensor x) {
        Tensor leaf = x.to(ScalarType.BFloat16).detach();
        leaf.set_requires_grad(true);
        return leaf;
    }

    private static Tensor exact(Tensor rounded) {
        Tensor leaf = rounded.detach().to(ScalarType.Double);
        leaf.set_requires_grad(true);
        return leaf;
    }

    /// A loss of rounded numbers is the loss of the same numbers in 64 bits, its gradient too, but
    /// for what the gradient itself is rounded to.
    private static void assertNotRounded(Tensor of, UnaryOperator<Tensor> loss) {
        Tensor rounded = rounded(of);
        Tensor exact = exact(rounded);
        Tensor found = autocast(() -> loss.apply(rounded));
        Tensor expected = loss.apply(exact);
        double size = Math.abs(expected.item_double());
        assertThat(found.scalar_type()).isNotEqualTo(ScalarType.BFloat16);
        assertThat(found.item_double())
                .isCloseTo(expected.item_double(), within(OF_THE_LOSS * size));
        found.backward();
        expected.backward();
        assertThat(apart(rounded.grad(), exact.grad())).isLessThan(OF_A_PRODUCT);
    }

    /// The norm of a difference, as a share of the norm of what is expected.
    private static double apart(Tensor found, Tensor expected) {
        Tensor wide = expected.to(ScalarType.Double);
        double size = wide.norm().item_double();
        assertThat(size).isPositive();
        return found.to(ScalarType.Double).sub(wide).norm().item_double() / size;
    }

    @Test
    void whatTheStudentOfDinoSaysSumsToOneOver65536Prototypes() {
        torch.manual_seed(3);
        DinoLoss loss = new DinoLoss(Distillation.DEFAULT, PROTOTYPES);
        Tensor logits = rounded(Ops.times(torch.randn(24, PROTOTYPES), 0.2)); // cosines
        Tensor said = autocast(() -> loss.said(logits)).exp();
        Tensor taught = autocast(() -> loss.target(logits, START)).flatten(0, 1);
        for (Tensor shares : new Tensor[] {said, taught}) {
            for (double sum : doubles(shares.to(ScalarType.Double).sum(1))) {
                assertThat(sum).isCloseTo(1, within(1e-5));
            }
        }
    }

    @Test
    void theLossOfDinoIsNotRounded() {
        torch.manual_seed(4);
        DinoLoss loss = new DinoLoss(Distillation.DEFAULT, PROTOTYPES);
        Tensor target = loss.target(Ops.times(torch.randn(4, PROTOTYPES), 0.2), START);
        assertNotRounded(
                Ops.times(torch.randn(8, PROTOTYPES), 0.2),
                logits -> loss.of(logits, target.to(ofTheData(logits))));
    }

    @Test
    void theCenterOfDinoFollowsTheMeanOfWhatTheTeacherSaid() {
        torch.manual_seed(5);
        DinoLoss loss = new DinoLoss(Distillation.DEFAULT, PROTOTYPES);
        Tensor logits = rounded(Ops.times(torch.randn(64, PROTOTYPES), 0.2)).detach();
        autocast(() -> loss.target(logits, START));
        loss.follow();
        Tensor mean = Ops.mean(logits.to(ScalarType.Double), 0).unsqueeze(0); // [1, K]
        assertThat(apart(loss.center(), Ops.times(mean, 0.1))).isLessThan(1e-6);
    }

    /// All that is rounded on the way to the prototypes' gradient is two products: how close the
    /// views come to the prototypes, and the gradient's own.
    @Test
    void theGradientOfThePrototypesIsThatOf64BitsToHalfAPercent() {
        torch.manual_seed(6);
        Tensor views = Ops.unit(torch.randn(24, WIDTH)); // [V B, E]
        Tensor prototypes = Ops.unit(torch.randn(PROTOTYPES, WIDTH)); // [K, E]
        Tensor taught = Ops.unit(torch.randn(4, WIDTH)).matmul(prototypes.t()); // [2 B, K]
        Tensor found = autocast(() -> gradient(views, prototypes, taught));
        Tensor expected =
                gradient(
                        views.to(ScalarType.Double),
                        prototypes.to(ScalarType.Double),
                        taught.to(ScalarType.Double));
        assertThat(apart(found, expected)).isLessThan(OF_A_PRODUCT);
    }

    /// The gradient of DINO's loss by the prototypes, `[K, E]`.
    private static Tensor gradient(Tensor views, Tensor prototypes, Tensor taught) {
        Tensor weight = prototypes.detach();
        weight.set_requires_grad(true);
        DinoLoss loss = new DinoLoss(Distillation.DEFAULT, PROTOTYPES);
        Tensor target = loss.target(taught, START); // [2, B, K]
        loss.of(torch.linear(views, weight), target).backward();
        return weight.grad();
    }

    @Test
    void theLossOfAMaskedAutoencoderIsNotRounded() {
        torch.manual_seed(7);
        VitShape shape = new VitShape(32, 1, 2, 16, 64); // 16 patches of 768 values
        for (boolean normalised : new boolean[] {true, false}) {
            Mae mae =
                    new Mae(new Mae.Config(0.75, Mae.Config.DEFAULT.decoder(), normalised), shape);
            Tensor images = torch.randn(4, 3, 64, 64);
            Mask mask = Mask.of(torch.rand(4, 16), 4);
            assertNotRounded(
                    torch.randn(4, 16, 768),
                    painted -> {
                        ScalarType type = ofTheData(painted);
                        Mask like = new Mask(mask.keep(), mask.restore(), mask.removed().to(type));
                        return mae.loss(
                                images.to(type), new Mae.Reconstruction(painted, painted, like));
                    });
        }
    }

    /// Images and what is made of them stay in 32 bits, whatever products are rounded to.
    private static ScalarType ofTheData(Tensor product) {
        return torch.promoteTypes(product.scalar_type(), ScalarType.Float);
    }

    @Test
    void theLossOfAClassifierIsNotRounded() {
        torch.manual_seed(8);
        int classes = 18_291; // of JFT-300M
        Tensor targets = torch.softmax(torch.randn(8, classes), 1); // [B, K]
        assertNotRounded(
                torch.randn(8, classes),
                logits -> Supervised.loss(logits, targets.to(ofTheData(logits))));
    }

    @Test
    void theLossOfByolIsNotRounded() {
        torch.manual_seed(9);
        Tensor target = rounded(torch.randn(16, 256)).detach();
        assertNotRounded(
                torch.randn(16, 256),
                predicted -> Byol.distance(predicted, target.to(predicted.scalar_type())).mean());
    }

    @Test
    void theLossOfSimClrIsNotRounded() {
        torch.manual_seed(10);
        SimClr simClr = new SimClr(SimClr.Config.DEFAULT, new VitShape(32, 1, 2, 16, 32));
        assertNotRounded(torch.randn(32, 128), simClr::loss);
    }

    @Test
    void theLossOfClipIsNotRounded() {
        torch.manual_seed(11);
        Clip clip = new Clip(Clip.Config.DEFAULT, new VitShape(32, 1, 2, 16, 32));
        Tensor captions = rounded(torch.randn(16, 12)).detach();
        assertNotRounded(
                torch.randn(16, 12),
                images -> clip.loss(List.of(images, captions), List.of(), START).total());
    }
}
