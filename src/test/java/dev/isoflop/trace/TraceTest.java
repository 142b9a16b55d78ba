package dev.isoflop.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.bytedeco.pytorch.global.torch.conv2d;
import static org.bytedeco.pytorch.global.torch.conv_transpose2d;
import static org.bytedeco.pytorch.global.torch.cross_entropy_loss;
import static org.bytedeco.pytorch.global.torch.eye;
import static org.bytedeco.pytorch.global.torch.gelu;
import static org.bytedeco.pytorch.global.torch.layer_norm;
import static org.bytedeco.pytorch.global.torch.linear;
import static org.bytedeco.pytorch.global.torch.matmul;
import static org.bytedeco.pytorch.global.torch.mse_loss;
import static org.bytedeco.pytorch.global.torch.ones;
import static org.bytedeco.pytorch.global.torch.randn;
import static org.bytedeco.pytorch.global.torch.scaled_dot_product_attention;
import static org.bytedeco.pytorch.global.torch.softmax;
import static org.bytedeco.pytorch.global.torch.zeros;

import dev.isoflop.torch.LibTorch;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The counts are worked out by hand beside each test; a multiply-add is two FLOPs.
class TraceTest {

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

    private static Usage row(Trace trace, String operator) {
        Usage row = trace.table().get("aten::" + operator);
        assertThat(row).as(operator).isNotNull();
        return Objects.requireNonNull(row);
    }

    @Test
    void aLinearLayerIsOneProductForwardAndTwoBackward() {
        Tensor x = parameter(4, 5, 6); // [B, N, I]
        Tensor weight = parameter(7, 6); // [O, I]
        Tensor bias = parameter(7);

        Trace forward = Trace.of(() -> linear(x, weight, new TensorOptional(bias)));
        Trace step = Trace.of(() -> linear(x, weight, new TensorOptional(bias)).sum().backward());

        long product = 2L * 4 * 5 * 6 * 7;
        assertThat(forward.total().matmul()).isEqualTo(product);
        assertThat(step.total().matmul()).isEqualTo(3 * product);
    }

    @Test
    void anInputThatNeedsNoGradientSavesItsProduct() {
        Tensor images = randn(4, 6);
        Tensor weight = parameter(7, 6);

        Trace step = Trace.of(() -> linear(images, weight).sum().backward());

        assertThat(step.total().matmul()).isEqualTo(2 * (2L * 4 * 6 * 7));
    }

    @Test
    void aBatchedProductCostsItsBatch() {
        Tensor left = parameter(3, 4, 5, 6);
        Tensor right = parameter(3, 4, 6, 7);

        Trace step = Trace.of(() -> matmul(left, right).sum().backward());

        assertThat(step.total().matmul()).isEqualTo(3 * (2L * 3 * 4 * 5 * 6 * 7));
    }

    @Test
    void aConvolutionSweepsItsKernelOverTheOutput() {
        Tensor images = randn(2, 3, 8, 8);
        Tensor features = parameter(2, 3, 8, 8);
        Tensor weight = parameter(5, 3, 4, 4);

        Trace forward = Trace.of(() -> patches(images, weight));
        Trace first = Trace.of(() -> patches(images, weight).sum().backward());
        Trace later = Trace.of(() -> patches(features, weight).sum().backward());

        long once = 2L * (2 * 5 * 2 * 2) * (3 * 4 * 4);
        assertThat(forward.total().matmul()).isEqualTo(once);
        assertThat(first.total().matmul()).as("weight's gradient").isEqualTo(2 * once);
        assertThat(later.total().matmul()).as("and the input's").isEqualTo(3 * once);
    }

    private static Tensor patches(Tensor images, Tensor weight) {
        TensorOptional noBias = new TensorOptional();
        return conv2d(
                images, weight, noBias, new long[] {4, 4}, new long[] {0, 0}, new long[] {1, 1}, 1);
    }

    @Test
    void aGroupedConvolutionSeesOnlyItsGroup() {
        Tensor images = randn(2, 6, 5, 5);
        Tensor weight = randn(6, 1, 3, 3);

        Trace trace =
                Trace.of(() ->
                        conv2d(
                                images,
                                weight,
                                new TensorOptional(),
                                new long[] {1, 1},
                                new long[] {1, 1},
                                new long[] {1, 1},
                                6));

        assertThat(trace.total().matmul()).isEqualTo(2L * (2 * 6 * 5 * 5) * 9);
    }

    @Test
    void aTransposedConvolutionSweepsItsKernelOverTheInput() {
        Tensor features = parameter(2, 3, 4, 4);
        Tensor weight = parameter(3, 5, 2, 2); // [in, out, 2, 2]

        Trace step = Trace.of(() -> conv_transpose2d(features, weight).sum().backward());

        assertThat(step.total().matmul()).isEqualTo(3 * (2L * (2 * 3 * 4 * 4) * (5 * 2 * 2)));
    }

    @Test
    void fusedAttentionCostsWhatExplicitAttentionDoes() {
        Tensor query = parameter(2, 3, 5, 8); // [B, heads, N, width]
        Tensor key = parameter(2, 3, 5, 8);
        Tensor value = parameter(2, 3, 5, 8);

        Trace fused =
                Trace.of(() -> scaled_dot_product_attention(query, key, value).sum().backward());
        Trace explicit =
                Trace.of(() -> {
                    Tensor scores =
                            matmul(
                                    query.mul(new Scalar(1 / Math.sqrt(8))),
                                    key.transpose(-2, -1)); // [B, heads, N, N]
                    matmul(softmax(scores, -1), value).sum().backward();
                });

        assertThat(fused.table().keySet())
                .contains("aten::_scaled_dot_product_flash_attention_for_cpu_backward");
        long product = 2L * 2 * 3 * 5 * 5 * 8;
        assertThat(fused.total().matmul()).isEqualTo(6 * product);
        assertThat(explicit.total().matmul()).isEqualTo(6 * product);
    }

    @Test
    void aTransformerBlockCostsItsClosedForm() {
        Block block = new Block(16, 2);
        Tensor x = parameter(3, 7, 16); // [B, N, D]

        Trace step = Trace.of(() -> block.forward(x).sum().backward());

        long tokens = 3 * 7;
        long linears = 2 * tokens * 12 * 16 * 16;
        long attention = 2 * (2L * 3 * 7 * 7 * 16);
        assertThat(step.total().matmul()).isEqualTo(3 * (linears + attention));
    }

    private static final class Block {
        private final int heads;
        private final int width;
        private final Tensor qkv;
        private final Tensor projection;
        private final Tensor up;
        private final Tensor down;

        Block(int width, int heads) {
            this.width = width;
            this.heads = heads;
            qkv = parameter(3L * width, width);
            projection = parameter(width, width);
            up = parameter(4L * width, width);
            down = parameter(width, 4L * width);
        }

        Tensor forward(Tensor x) {
            Tensor attended = x.add(attention(normalised(x)));
            return attended.add(linear(gelu(linear(normalised(attended), up)), down));
        }

        private Tensor normalised(Tensor x) {
            return layer_norm(x, width);
        }

        private Tensor attention(Tensor x) {
            long b = x.size(0);
            long n = x.size(1);
            Tensor split =
                    linear(x, qkv)
                            .view(b, n, 3, heads, width / heads)
                            .permute(2, 0, 3, 1, 4); // [3, B, heads, N, D / heads]
            Tensor scores = matmul(split.select(0, 0), split.select(0, 1).transpose(-2, -1));
            Tensor mixed = matmul(softmax(scores, -1), split.select(0, 2));
            return linear(mixed.transpose(1, 2).reshape(b, n, width), projection);
        }
    }

    @Test
    void layerNormalisationTakesSevenStepsAnElementAndARootARow() {
        Tensor x = parameter(3, 5, 8);
        Tensor weight = parameter(8);
        Tensor bias = parameter(8);

        Trace step =
                Trace.of(() ->
                        layer_norm(
                                        x,
                                        new long[] {8},
                                        new TensorOptional(weight),
                                        new TensorOptional(bias),
                                        1e-6,
                                        false)
                                .sum()
                                .backward());

        assertThat(row(step, "native_layer_norm").cost()).isEqualTo(new Cost(0, 7 * 120, 15, 0));
        assertThat(row(step, "native_layer_norm_backward").cost())
                .isEqualTo(new Cost(0, 13 * 120, 0, 0));
    }

    @Test
    void softmaxTakesFourStepsAndAnExponentialAnElement() {
        Tensor x = parameter(3, 10);

        Trace step = Trace.of(() -> softmax(x, -1).sum().backward());

        assertThat(row(step, "_softmax").cost()).isEqualTo(new Cost(0, 4 * 30, 30, 0));
        assertThat(row(step, "_softmax_backward_data").cost()).isEqualTo(new Cost(0, 4 * 30, 0, 0));
    }

    @Test
    void geluTakesFourStepsAndAnErrorFunctionAnElement() {
        Tensor x = parameter(3, 10);

        Trace exact = Trace.of(() -> gelu(x).sum().backward());
        Trace tanh = Trace.of(() -> gelu(x, "tanh").sum().backward());

        assertThat(row(exact, "gelu").cost()).isEqualTo(new Cost(0, 4 * 30, 30, 0));
        assertThat(row(exact, "gelu_backward").cost()).isEqualTo(new Cost(0, 9 * 30, 60, 0));
        assertThat(row(tanh, "gelu").cost()).isEqualTo(new Cost(0, 8 * 30, 30, 0));
        assertThat(row(tanh, "gelu_backward").cost()).isEqualTo(new Cost(0, 17 * 30, 30, 0));
    }

    @Test
    void meanSquaredErrorTakesThreeStepsAnElementEachWay() {
        Tensor x = parameter(3, 10);
        Tensor target = randn(3, 10);

        Trace step = Trace.of(() -> mse_loss(x, target).backward());

        assertThat(row(step, "mse_loss").cost()).isEqualTo(new Cost(0, 3 * 30, 0, 0));
        assertThat(row(step, "mse_loss_backward").cost()).isEqualTo(new Cost(0, 3 * 30, 0, 0));
    }

    @Test
    void sortingTakesTheLogarithmOfTheLength() {
        Tensor noise = randn(4, 100);

        assertThat(Trace.of(noise::argsort).total().elementwise()).isEqualTo(400 * 7);
    }

    @Test
    void viewsAreFreeAndCopiesMove() {
        Tensor x = randn(4, 6);

        assertThat(Trace.of(() -> x.view(2, 12).transpose(0, 1)).total()).isEqualTo(Cost.NOTHING);
        assertThat(Trace.of(() -> x.transpose(0, 1).contiguous()).total())
                .isEqualTo(new Cost(0, 0, 0, 24));
        assertThat(Trace.of(() -> x.to(ScalarType.BFloat16)).total())
                .isEqualTo(new Cost(0, 0, 0, 24));
    }

    @Test
    void workIsCountedOnceAlthoughOperatorsCallOthers() {
        Tensor x = randn(4, 6);

        Trace trace = Trace.of(x::mean);

        assertThat(trace.operations()).extracting(Operation::name).contains("aten::sum");
        assertThat(trace.table().keySet()).containsExactly("aten::mean");
        assertThat(trace.total()).isEqualTo(new Cost(0, 24 + 1, 0, 0));
    }

    @Test
    void shapesAndTypesAreThoseOfTheTensorsPassed() {
        Tensor left = randn(2, 3).to(ScalarType.BFloat16);
        Tensor right = randn(3, 4).to(ScalarType.BFloat16);

        Trace trace = Trace.of(() -> left.mm(right));

        Operation product =
                trace.operations().stream()
                        .filter(operation -> operation.name().equals("aten::mm"))
                        .findFirst()
                        .orElseThrow();
        assertThat(product.tensor("self").sizes()).containsExactly(2L, 3L);
        assertThat(product.tensor("self").type()).isEqualTo("c10::BFloat16");
        assertThat(product.tensor("self").bytes()).isEqualTo(2 * 3 * 2);
        assertThat(product.tensor("mat2").sizes()).containsExactly(3L, 4L);
        assertThat(product.outputs().getFirst().tensors().getFirst().sizes())
                .containsExactly(2L, 4L);
        assertThat(product.registered()).isTrue();
    }

    @Test
    void anOperatorWithoutARuleIsNamed() {
        Tensor square = eye(3);

        Trace trace =
                Trace.of(() -> {
                    square.inverse();
                    square.matrix_exp();
                });

        assertThatThrownBy(trace::total)
                .isInstanceOf(UnknownOperatorException.class)
                .hasMessageStartingWith("no counting rule for aten::")
                .hasMessageContainingAll("aten::inverse", "aten::matrix_exp")
                .hasMessageEndingWith("add one in dev.isoflop.trace.OperatorRules");
    }

    @Test
    void whatTheBodyThrowsIsPassedOnAndTracingStaysUsable() {
        Tensor x = ones(2, 2);
        IllegalStateException failure = new IllegalStateException("on purpose");

        assertThatThrownBy(() ->
                        Trace.of(() -> {
                            x.mm(x);
                            throw failure;
                        }))
                .isSameAs(failure);
        assertThatThrownBy(() -> Trace.of(() -> x.mm(zeros(3, 3))))
                .hasMessageContaining("mat1 and mat2 shapes cannot be multiplied");
        assertThat(Trace.of(() -> x.mm(x)).total().matmul()).isEqualTo(16);
    }

    @Test
    void aTraceInsideATraceIsRefusedAndTheOuterOneGoesOn() {
        Tensor x = ones(2, 2);
        AtomicReference<Throwable> refusal = new AtomicReference<>(new AssertionError("none"));

        Trace outer =
                Trace.of(() -> {
                    try {
                        Trace.of(() -> x.mm(x));
                    } catch (IllegalStateException e) {
                        refusal.set(e);
                    }
                    x.mm(x);
                });

        assertThat(refusal.get())
                .hasMessage("an execution trace is being taken already; traces cannot be nested");
        assertThat(outer.total().matmul()).isEqualTo(16);
    }

    @Test
    void theTemporaryFileIsDeletedAndTheChakraFileKept(@TempDir Path folder) throws IOException {
        Tensor x = ones(2, 2);
        Path chakra = folder.resolve("trace.json");
        Set<Path> before = temporaries();

        Trace.of(() -> x.mm(x), chakra);

        assertThat(temporaries()).isEqualTo(before);
        assertThat(chakra).content().contains("chakra", "aten::mm");
    }

    private static Set<Path> temporaries() throws IOException {
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return files.filter(file -> file.getFileName().toString().startsWith("isoflop-trace-"))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    @Test
    void aWeightedLossHasARuleForEachOfItsOperators() {
        Tensor logits = parameter(4, 10);
        Tensor labels = zeros(4).to(ScalarType.Long);

        Cost cost = Trace.of(() -> cross_entropy_loss(logits, labels).backward()).total();

        assertThat(cost.transcendental()).as("exp forward, exp backward").isEqualTo(80);
    }
}
