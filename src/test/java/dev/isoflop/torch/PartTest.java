package dev.isoflop.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.pytorch.global.torch.randn;

import dev.isoflop.trace.Bill;
import dev.isoflop.trace.Cost;
import dev.isoflop.trace.Trace;
import dev.isoflop.trace.Usage;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/// What each part of a piece of work executed; the counts are worked out by hand.
@EnabledOnOs(OS.LINUX)
class PartTest {

    private static final long MEAN = 1;
    private static final long NOBODY = 255; // a class that no pixel is asked for

    private PointerScope scope = new PointerScope();

    @BeforeAll
    static void loadLibTorch() {
        LibTorch.load();
    }

    @BeforeEach
    void openScope() {
        scope = new PointerScope();
    }

    @AfterEach
    void closeScope() {
        scope.close();
    }

    private static Tensor parameter(long... shape) {
        Tensor tensor = randn(shape);
        tensor.set_requires_grad(true);
        return tensor;
    }

    private static long products(Bill bill, Part part, Bill.Pass pass) {
        return bill.of(part, pass).cost().matmul();
    }

    @Test
    void aBackwardOperatorBelongsToThePartThatRanForward() {
        Tensor x = randn(4, 6);
        Tensor first = parameter(6, 5);
        Tensor second = parameter(5, 3);

        Bill bill =
                Trace.of(
                                () -> {
                                    Tensor y = Part.ENCODER.of(() -> x.mm(first)); // [4, 5]
                                    Tensor z = Part.HEADS.of(() -> y.mm(second)); // [4, 3]
                                    Part.LOSS.run(() -> z.mul(z).sum().backward());
                                })
                        .bill();

        long encoder = 2L * 4 * 6 * 5;
        long heads = 2L * 4 * 5 * 3;
        assertThat(products(bill, Part.ENCODER, Bill.Pass.FORWARD)).isEqualTo(encoder);
        assertThat(products(bill, Part.ENCODER, Bill.Pass.BACKWARD)).isEqualTo(encoder);
        assertThat(products(bill, Part.HEADS, Bill.Pass.FORWARD)).isEqualTo(heads);
        assertThat(products(bill, Part.HEADS, Bill.Pass.BACKWARD)).isEqualTo(2 * heads);
        assertThat(bill.of(Part.LOSS, Bill.Pass.FORWARD).cost().elementwise())
                .as("squares and their sum")
                .isEqualTo(12 + 12);
        assertThat(bill.byPart().values().stream().reduce(Usage.NOTHING, Usage::plus))
                .isEqualTo(bill.total());
    }

    @Test
    void whateverRunsForATeacherIsTheTeachers() {
        Tensor x = randn(4, 6);
        Tensor weight = randn(6, 5);

        Bill bill =
                Trace.of(() -> Part.TEACHER.run(() -> Part.ENCODER.run(() -> x.mm(weight)))).bill();

        assertThat(bill.byPart()).containsOnlyKeys(Part.TEACHER);
    }

    @Test
    void aProductReadsItsFactorsAndWritesItsResult() {
        Tensor left = randn(4, 6);
        Tensor right = randn(6, 5);

        Usage usage = Trace.of(() -> left.mm(right)).bill().total();

        assertThat(usage.read()).isEqualTo(4 * (4 * 6 + 6 * 5));
        assertThat(usage.written()).isEqualTo(4 * (4 * 5));
        assertThat(usage.intensity()).isEqualTo(2.0 * 4 * 6 * 5 / (4 * (24 + 30 + 20)));
    }

    @Test
    void aSumInPlaceReadsBothAndWritesOne() {
        Tensor sum = randn(7);
        Tensor other = randn(7);

        Usage usage = Trace.of(() -> sum.add_(other)).bill().total();

        assertThat(usage.read()).isEqualTo(4 * 14);
        assertThat(usage.written()).isEqualTo(4 * 7);
    }

    @Test
    void whatIsNeededBackwardIsKept() {
        Tensor x = randn(4, 6);
        Tensor weight = parameter(6, 5);

        Bill bill =
                Trace.of(
                                () -> {
                                    Tensor y = Part.ENCODER.of(() -> x.mm(weight)); // [4, 5]
                                    Part.LOSS.run(() -> y.exp().sum().backward());
                                })
                        .bill();

        assertThat(bill.activations().kept()).containsEntry(Part.ENCODER, 4L * 4 * 5);
        assertThat(bill.activations().kept())
                .as("exponentials, their sum, and the gradient that backward begins with")
                .containsEntry(Part.LOSS, 4L * (4 * 5 + 1 + 1));
    }

    /// A head as of segmentation: convolution, batch norm, rectifier, dropped channels, enlarged,
    /// and the cross-entropy of each pixel but those that nobody labelled.
    @Test
    void aSegmentationHeadCostsWhatIsWorkedOutByHand() {
        Tensor features = parameter(2, 3, 4, 4); // [B, C, H, W]
        Tensor kernel = parameter(5, 3, 3, 3);
        Tensor scale = parameter(5);
        Tensor shift = parameter(5);
        Tensor mean = torch.zeros(5);
        Tensor variance = torch.ones(5);
        Tensor labels = torch.full(new long[] {2, 8, 8}, new Scalar(1));

        Trace trace =
                Trace.of(() -> {
                    Tensor maps = torch.conv2d(features, kernel); // [2, 5, 2, 2]
                    Tensor normed =
                            torch.batch_norm(
                                    maps,
                                    new TensorOptional(scale),
                                    new TensorOptional(shift),
                                    new TensorOptional(mean),
                                    new TensorOptional(variance),
                                    true,
                                    0.1,
                                    1e-5,
                                    false);
                    Tensor thinned = torch.feature_dropout(torch.relu(normed), 0.1, true);
                    Tensor large = torch.upsample_bilinear2d(thinned, new long[] {8, 8}, false);
                    torch.cross_entropy_loss(
                                    large,
                                    labels.to(ScalarType.Long),
                                    new TensorOptional(),
                                    MEAN,
                                    NOBODY,
                                    0)
                            .backward();
                });

        long product = 2L * (2 * 5 * 2 * 2) * (3 * 3 * 3);
        long small = 2 * 5 * 2 * 2;
        long large = 2 * 5 * 8 * 8;
        assertThat(trace.total().matmul()).isEqualTo(3 * product);
        assertThat(cost(trace, "native_batch_norm")).isEqualTo(new Cost(0, 7 * small, 5, 0));
        assertThat(cost(trace, "native_batch_norm_backward"))
                .isEqualTo(new Cost(0, 13 * small, 0, 0));
        assertThat(cost(trace, "relu")).isEqualTo(new Cost(0, small, 0, 0));
        assertThat(cost(trace, "threshold_backward")).isEqualTo(new Cost(0, small, 0, 0));
        assertThat(cost(trace, "bernoulli_")).isEqualTo(new Cost(0, 2 * 5, 2 * 5, 0));
        assertThat(cost(trace, "upsample_bilinear2d")).isEqualTo(new Cost(0, 8 * large, 0, 0));
        assertThat(cost(trace, "upsample_bilinear2d_backward"))
                .isEqualTo(new Cost(0, 8 * large, 0, 0));
        assertThat(cost(trace, "_log_softmax")).isEqualTo(new Cost(0, 4 * large, large, 0));
        assertThat(cost(trace, "nll_loss2d_forward")).isEqualTo(new Cost(0, 2 * 8 * 8, 0, 0));
    }

    private static Cost cost(Trace trace, String operator) {
        return trace.table().getOrDefault("aten::" + operator, Usage.NOTHING).cost();
    }
}
