package dev.isoflop.trace;

import dev.isoflop.trace.Operation.Shape;

import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/// What every ATen operator costs.
///
/// Matrix work follows the convention `matmul` (PaLM, nanoGPT, PyTorch's own counter): a
/// multiply-add is two FLOPs; a backward pass has the products of the gradients it computes; fused
/// attention is two products forward and four backward, so that it costs what explicit attention
/// does (the kernels compute the scores once more in their backward pass; that recomputation is not
/// work anybody asked for).
///
/// Element-wise work follows XLA's cost analysis: one for each arithmetic operation on an element,
/// reductions one for each element read, transcendental functions and random numbers in their own
/// column, sorting n log2(n) comparisons. Type conversions and copies are movement.
///
/// An operator is counted once: a rule that counts covers whatever the operator calls inside, a
/// composite leaves the counting to what it calls. An operator that changes its argument in place
/// (`add_`) or works on a list (`_foreach_add`) costs what the plain one does, element by element.
public final class OperatorRules {

    private static final SortedMap<String, Rule> RULES = new Table().all();

    private OperatorRules() {}

    /// Every rule by operator, without the namespace `aten::`.
    public static SortedMap<String, Rule> all() {
        return RULES;
    }

    /// The rule for an operator, such as `aten::add_`.
    public static Optional<Rule> of(String operator) {
        String name = operator.startsWith("aten::") ? operator.substring(6) : operator;
        Rule rule = RULES.get(name);
        if (rule == null && name.endsWith("_")) {
            return of(name.substring(0, name.length() - 1));
        }
        if (rule == null && name.startsWith("_foreach_")) {
            return of(name.substring("_foreach_".length()))
                    .filter(single ->
                            single instanceof Rule.Elementwise || single instanceof Rule.Movement);
        }
        return Optional.ofNullable(rule);
    }

    /// Shows every operator that is counted, parents first, with what it did: each piece of work
    /// once.
    ///
    /// @throws UnknownOperatorException naming every operator without a rule that no counted
    ///   operator covers
    static void each(List<Operation> operations, BiConsumer<Operation, Usage> seen) {
        SortedSet<String> unknown = new TreeSet<>();
        Set<Long> covering = new HashSet<>();
        List<Operation> parentsFirst =
                operations.stream().sorted(Comparator.comparingLong(Operation::id)).toList();
        for (Operation operation : parentsFirst) {
            if (covering.contains(operation.parent())) {
                covering.add(operation.id());
                continue;
            }
            if (!costs(operation)) {
                continue;
            }
            Optional<Rule> rule = of(operation.name());
            if (rule.isEmpty()) {
                unknown.add(operation.name());
                continue;
            }
            if (rule.get().coversItsChildren()) {
                covering.add(operation.id());
            }
            seen.accept(operation, rule.get().usage(operation));
        }
        if (!unknown.isEmpty()) {
            throw new UnknownOperatorException(unknown);
        }
    }

    /// Marks of autograd, of the profiler and of collective communication compute nothing.
    private static boolean costs(Operation operation) {
        String name = operation.name();
        if (name.startsWith("aten::")) {
            return true;
        }
        return operation.registered()
                && !name.startsWith("c10d::")
                && !name.startsWith("_c10d_functional::")
                && !name.startsWith("profiler::");
    }

    /// The rules, one line for each group of operators that cost the same.
    private static final class Table {

        private static final ToLongFunction<Operation> WRITTEN = Operation::written;
        private static final ToLongFunction<Operation> READ = Operation::read;

        private final SortedMap<String, Rule> rules = new TreeMap<>();

        SortedMap<String, Rule> all() {
            products();
            convolutions();
            attention();
            arithmetic();
            transcendentals();
            activations();
            softmaxes();
            normalisations();
            losses();
            reductions();
            sorting();
            pooling();
            interpolation();
            random();
            optimisers();
            movement();
            views();
            composites();
            return Collections.unmodifiableSortedMap(rules);
        }

        private void products() {
            String plain = "one product";
            product(
                    "mm _int_mm _scaled_mm",
                    it -> product(it, "self", "mat2"),
                    Table::nothing,
                    plain);
            product(
                    "bmm",
                    it -> product(it, "self", "mat2"),
                    Table::nothing,
                    "a product a batch element");
            product("mv", it -> it.tensor("self").elements(), Table::nothing, plain);
            product("dot vdot", Operation::read, Table::nothing, plain);
            String added = "one product; one addition an element for what is added";
            Function<Operation, Cost> addition = it -> Cost.ofElements(it.written(), 0);
            product("addmm", it -> product(it, "mat1", "mat2"), addition, added);
            product(
                    "_addmm_activation",
                    it -> product(it, "mat1", "mat2"),
                    it -> Cost.ofElements(2 * it.written(), 0),
                    added + ", one operation for the rectifier");
            product("addmv", it -> it.tensor("mat").elements(), addition, added);
            product("baddbmm addbmm", it -> product(it, "batch1", "batch2"), addition, added);
            elementwise("addr", 2, WRITTEN, "outer product and addition");
            formula(
                    "_cdist_forward",
                    it -> {
                        long pairs = it.written();
                        long width = it.tensor("x1").size(-1);
                        return Cost.ofElements(Math.multiplyExact(3 * width, pairs), pairs);
                    },
                    "difference, square and sum a component; a root a pair");
            formula(
                    "_cdist_backward",
                    it -> {
                        long pairs = it.tensor("cdist").elements();
                        long width = it.tensor("x1").size(-1);
                        return Cost.ofElements(Math.multiplyExact(4 * width, pairs), 0);
                    },
                    "difference, quotient, product and sum a component of each pair");
        }

        private static Cost nothing(Operation operation) {
            return Cost.NOTHING;
        }

        /// [..., m, k] times [..., k, n]: batch x m x k x n multiply-adds.
        private static long product(Operation operation, String left, String right) {
            return Math.multiplyExact(
                    operation.tensor(left).elements(), operation.tensor(right).size(-1));
        }

        private void convolutions() {
            product(
                    "convolution _convolution",
                    it -> convolution(it, it.outputs().getFirst().tensors().getFirst()),
                    it ->
                            it.input("bias").tensors().isEmpty()
                                    ? Cost.NOTHING
                                    : Cost.ofElements(it.written(), 0),
                    "each output element is a product over the kernel; adding the bias is 1");
            product(
                    "convolution_backward",
                    it -> {
                        long one = convolution(it, it.tensor("grad_output"));
                        int products = (it.computed(0) ? 1 : 0) + (it.computed(1) ? 1 : 0);
                        return Math.multiplyExact(one, products);
                    },
                    it -> Cost.ofElements(it.computed(2) ? it.read() : 0, 0),
                    "as forward, for the input's and for the weight's gradient if computed; the"
                            + " bias's gradient is a sum");
        }

        /// Weights are [out, in / groups, kernel], transposed [in, out / groups, kernel].
        private static long convolution(Operation operation, Shape output) {
            Shape weight = operation.tensor("weight");
            boolean transposed = operation.input("transposed").scalars().getFirst().equals("true");
            Shape swept = transposed ? operation.tensor("input") : output;
            return Math.multiplyExact(swept.elements(), weight.elements() / weight.size(0));
        }

        private void attention() {
            for (String kernel : List.of("flash", "efficient", "cudnn")) {
                attention("_scaled_dot_product_" + kernel + "_attention");
            }
            attention("_scaled_dot_product_flash_attention_for_cpu");
        }

        private void attention(String kernel) {
            product(
                    kernel,
                    it -> scoresTimes(it, 1, 1),
                    it -> Cost.ofElements(Math.multiplyExact(5, scores(it)), scores(it)),
                    "two products; a score is scaled, compared, shifted, summed, divided and"
                            + " exponentiated");
            product(
                    kernel + "_backward",
                    it -> scoresTimes(it, 2, 2),
                    it ->
                            Cost.ofElements(
                                    Math.addExact(Math.multiplyExact(4, scores(it)), 2 * it.read()),
                                    scores(it)),
                    "four products, recomputation not counted; a score is shifted, exponentiated,"
                            + " and its gradient takes a difference, a product and the scale; an"
                            + " element of the output's gradient a product and a sum");
        }

        /// Queries are [batch, heads, queries, width], keys [batch, heads, keys, width].
        private static long scores(Operation operation) {
            Shape query = operation.tensor("query");
            return Math.multiplyExact(
                    query.elements() / query.size(-1), operation.tensor("key").size(-2));
        }

        private static long scoresTimes(Operation operation, int queryWidths, int valueWidths) {
            long widths =
                    queryWidths * operation.tensor("query").size(-1)
                            + valueWidths * operation.tensor("value").size(-1);
            return Math.multiplyExact(scores(operation), widths);
        }

        private void arithmetic() {
            elementwise(
                    """
                    add sub rsub mul div true_divide floor_divide remainder fmod neg abs sign sgn
                    maximum minimum fmax fmin clamp clamp_min clamp_max square reciprocal floor ceil
                    round trunc frac nan_to_num heaviside copysign hypot
                    eq ne lt le gt ge logical_and logical_or logical_not logical_xor
                    bitwise_and bitwise_or bitwise_not bitwise_xor bitwise_left_shift
                    bitwise_right_shift __and__ __or__ __xor__ __lshift__ __rshift__
                    isnan isinf isposinf isneginf isfinite signbit
                    where masked_fill masked_scatter
                    """,
                    1,
                    WRITTEN,
                    "one operation, comparison or selection");
            elementwise("addcmul addcdiv", 3, WRITTEN, "product or quotient, factor, sum");
            elementwise("lerp", 3, WRITTEN, "difference, product, sum");
            formula(
                    "_weight_norm_interface",
                    it -> Cost.ofElements(3 * it.read(), it.outputs().get(1).elements()),
                    "square, sum and scale an element; a root a row");
            elementwise("_weight_norm_interface_backward", 7, READ, "as a norm's, and a scale's");
            elementwise("cumsum cumprod cummax cummin", 1, WRITTEN, "one operation a step");
            elementwise("_amp_foreach_non_finite_check_and_unscale", 2, READ, "check, product");
        }

        private void transcendentals() {
            transcendental(
                    """
                    exp exp2 expm1 log log2 log10 log1p sqrt rsqrt sin cos tan asin acos atan atan2
                    sinh cosh tanh asinh acosh atanh erf erfc erfinv pow float_power
                    sigmoid lgamma digamma
                    """,
                    0,
                    1,
                    "one transcendental function");
            transcendental("logaddexp logaddexp2", 4, 2, "max, difference, exp, log1p, sums");
            transcendental("xlogy", 1, 1, "a logarithm and a product");
            transcendental("logcumsumexp", 4, 2, "as logaddexp, a step");
            transcendental("angle polar", 1, 2, "sine and cosine");
        }

        private void activations() {
            elementwise("relu relu6 hardtanh leaky_relu threshold", 1, WRITTEN, "a comparison");
            elementwise(
                    "threshold_backward hardtanh_backward leaky_relu_backward",
                    1,
                    WRITTEN,
                    "a selection");
            elementwise("hardsigmoid hardswish", 4, WRITTEN, "sum, two bounds, product");
            elementwise(
                    "hardsigmoid_backward hardswish_backward",
                    4,
                    WRITTEN,
                    "as the function itself");
            elementwise("_prelu_kernel", 2, WRITTEN, "comparison, product");
            elementwise("_prelu_kernel_backward", 4, WRITTEN, "as forward, twice");
            elementwise("sigmoid_backward", 3, WRITTEN, "g y (1 - y)");
            elementwise("tanh_backward", 3, WRITTEN, "g (1 - y y)");
            transcendental("silu", 1, 1, "x sigmoid(x)");
            transcendental("silu_backward", 5, 1, "g s (1 + x (1 - s)), s = sigmoid(x)");
            transcendental("mish", 1, 3, "x tanh(log1p(exp x))");
            transcendental("mish_backward", 8, 3, "the product rule on mish");
            transcendental("elu celu selu", 3, 1, "comparison, exponential, two products");
            transcendental("elu_backward", 3, 1, "comparison, exponential, two products");
            transcendental("softplus", 2, 2, "log1p(exp(b x)) / b");
            transcendental("softplus_backward", 4, 1, "g z / (1 + z), z = exp(b x)");
            transcendental("log_sigmoid_forward", 3, 2, "min(x, 0) - log1p(exp(-|x|))");
            transcendental("log_sigmoid_backward", 5, 1, "the derivative of the above");
            transcendental("logit", 2, 1, "log(x / (1 - x))");
            formula("glu", it -> Cost.ofElements(it.written(), it.written()), "a sigmoid(b)");
            formula(
                    "glu_backward",
                    it -> Cost.ofElements(3 * it.written(), it.written() / 2),
                    "the product rule on glu");
            formula(
                    "gelu",
                    it -> Cost.ofElements((usesTanh(it) ? 8 : 4) * it.written(), it.written()),
                    "x/2 (1 + erf(x c)); with tanh, x/2 (1 + tanh(b (x + k x x x)))");
            formula(
                    "gelu_backward",
                    it ->
                            Cost.ofElements(
                                    (usesTanh(it) ? 17 : 9) * it.written(),
                                    (usesTanh(it) ? 1 : 2) * it.written()),
                    "g (cdf + x pdf): cdf by erf in 3, pdf by exp in 3, and 3 to join them; with"
                            + " tanh the product rule in 17");
        }

        private static boolean usesTanh(Operation gelu) {
            return gelu.input("approximate").scalars().contains("tanh");
        }

        private void softmaxes() {
            transcendental("_softmax _safe_softmax", 4, 1, "max, shift, exp, sum, quotient");
            elementwise("_softmax_backward_data", 4, WRITTEN, "product, sum, shift, product");
            transcendental("_log_softmax", 4, 1, "max, shift, exp, sum, shift");
            transcendental("_log_softmax_backward_data", 3, 1, "sum, exp, product, difference");
            formula(
                    "logsumexp",
                    it -> Cost.ofElements(3 * it.read() + it.written(), it.read() + it.written()),
                    "max, shift, exp, sum an element; a logarithm and a sum a row");
        }

        private void normalisations() {
            formula(
                    "native_layer_norm",
                    it -> normalisation(it, it.outputs().get(2).elements()),
                    "mean, shift, square, sum, scale an element, 1 more each for weight and bias;"
                            + " a root a row");
            formula(
                    "native_layer_norm_backward",
                    Table::normalisationBackward,
                    "normalised input 2, weight 1, two products and sums 3, joining 4; the"
                            + " weight's gradient 2, the bias's 1");
            formula(
                    "native_group_norm",
                    it -> normalisation(it, it.outputs().get(2).elements()),
                    "as layer normalisation; a root a group");
            formula("native_group_norm_backward", Table::normalisationBackward, "as layers'");
            String batch = "as layer normalisation; a root a channel";
            formula(
                    """
                    native_batch_norm cudnn_batch_norm miopen_batch_norm _native_batch_norm_legit
                    _batch_norm_with_update
                    """,
                    it -> normalisation(it, it.tensor("input").size(1)),
                    batch);
            formula(
                    "_native_batch_norm_legit_no_training _batch_norm_no_update",
                    it -> Cost.ofElements(4 * it.read(), it.tensor("input").size(1)),
                    "shift, scale, weight, bias; a root a channel");
            formula(
                    "native_batch_norm_backward batch_norm_backward",
                    Table::normalisationBackward,
                    batch);
            elementwise(
                    "cudnn_batch_norm_backward miopen_batch_norm_backward",
                    13,
                    READ,
                    "as layer normalisation's, all gradients computed");
            formula(
                    "_fused_rms_norm",
                    it ->
                            Cost.ofElements(
                                    (it.input("weight").tensors().isEmpty() ? 3 : 4) * it.read(),
                                    it.outputs().get(1).elements()),
                    "square, sum, scale an element, 1 more for a weight; a root a row");
            formula(
                    "_fused_rms_norm_backward",
                    it ->
                            Cost.ofElements(
                                    (it.computed(0) ? 7 : 0) * it.read()
                                            + (it.computed(1) ? 2 : 0) * it.read(),
                                    0),
                    "normalised input 1, weight 1, product and sum 2, joining 3; the weight's"
                            + " gradient 2");
        }

        private static Cost normalisation(Operation operation, long roots) {
            int weight = operation.input("weight").tensors().size();
            int bias = operation.input("bias").tensors().size();
            long flops = Math.multiplyExact(5 + weight + bias, operation.read());
            return Cost.ofElements(flops, roots);
        }

        private static Cost normalisationBackward(Operation operation) {
            int each =
                    (operation.computed(0) ? 10 : 0)
                            + (operation.computed(1) ? 2 : 0)
                            + (operation.computed(2) ? 1 : 0);
            return Cost.ofElements(Math.multiplyExact(operation.read(), each), 0);
        }

        private void losses() {
            elementwise("mse_loss", 3, READ, "difference, square, sum");
            elementwise("mse_loss_backward", 3, WRITTEN, "difference, factor, gradient");
            elementwise("smooth_l1_loss huber_loss", 6, READ, "difference, branch, sum");
            elementwise(
                    "smooth_l1_loss_backward huber_loss_backward",
                    5,
                    WRITTEN,
                    "difference, branch");
            formula(
                    "binary_cross_entropy",
                    it -> Cost.ofElements(5 * it.read(), 2 * it.read()),
                    "two logarithms; difference, two products, two sums");
            elementwise("binary_cross_entropy_backward", 5, WRITTEN, "g (p - y) / (p (1 - p))");
            formula(
                    "binary_cross_entropy_with_logits",
                    it -> Cost.ofElements(6 * it.read(), 2 * it.read()),
                    "(1 - y) x - log sigmoid(x), summed");
            formula(
                    "nll_loss_forward nll_loss2d_forward",
                    it -> Cost.ofElements(it.tensor("target").elements(), 0),
                    "one element a target is summed");
            formula(
                    "nll_loss_backward nll_loss2d_backward",
                    it -> Cost.ofElements(it.tensor("target").elements(), 0),
                    "one element a target is set");
        }

        private void reductions() {
            elementwise(
                    """
                    sum nansum prod amax amin max min any all argmax argmin count_nonzero trace
                    equal histc bincount is_nonzero _is_all_true _is_any_true
                    """,
                    1,
                    READ,
                    "one operation an element read");
            elementwise("aminmax _aminmax", 2, READ, "two comparisons an element read");
            formula(
                    "mean",
                    it -> Cost.ofElements(it.read() + it.written(), 0),
                    "one sum an element read, one quotient an element written");
            elementwise("var var_mean", 4, READ, "mean, shift, square, sum an element read");
            formula(
                    "std std_mean",
                    it -> Cost.ofElements(4 * it.read(), it.written()),
                    "as var; a root an element written");
            formula(
                    "linalg_vector_norm _foreach_norm",
                    it -> Cost.ofElements(2 * it.read(), roots(it)),
                    "square and sum an element read; a root an element written");
            elementwise(
                    "renorm embedding_renorm", 3, READ, "square, sum, and one product an element");
        }

        private static long roots(Operation operation) {
            return operation.outputs().stream()
                    .mapToLong(Operation.Argument::elements)
                    .reduce(0, Math::addExact);
        }

        private void sorting() {
            String reason = "n log2(n) comparisons for n elements along the dimension";
            formula(
                    "sort topk argsort kthvalue mode",
                    it -> Cost.ofElements(comparisons(it, length(it)), 0),
                    reason);
            formula(
                    "median nanmedian _unique _unique2 unique_dim unique_consecutive",
                    it -> Cost.ofElements(comparisons(it, it.read()), 0),
                    reason);
            formula(
                    "searchsorted bucketize",
                    it -> {
                        boolean buckets = it.name().endsWith("bucketize");
                        Shape edges = it.tensor(buckets ? "boundaries" : "sorted_sequence");
                        return Cost.ofElements(
                                Math.multiplyExact(it.written(), ceilLog2(edges.size(-1))), 0);
                    },
                    "log2(n) comparisons an element sought");
        }

        private static long length(Operation operation) {
            Shape shape = operation.tensor("self");
            if (shape.sizes().isEmpty()) {
                return 1;
            }
            List<String> dimension = operation.input("dim").scalars();
            return shape.size(dimension.isEmpty() ? -1 : Integer.parseInt(dimension.getFirst()));
        }

        private static long comparisons(Operation operation, long length) {
            return Math.multiplyExact(operation.read(), ceilLog2(length));
        }

        private static long ceilLog2(long n) {
            return n <= 1 ? 0 : Long.SIZE - Long.numberOfLeadingZeros(n - 1);
        }

        private void pooling() {
            formula(
                    "avg_pool2d avg_pool3d",
                    it -> Cost.ofElements(window(it) * it.written(), 0),
                    "the window's sum and quotient an element written");
            formula(
                    "avg_pool2d_backward avg_pool3d_backward",
                    it -> Cost.ofElements(window(it) * it.read(), 0),
                    "an addition an element of the window");
            formula(
                    "max_pool2d_with_indices max_pool3d_with_indices",
                    it -> Cost.ofElements(window(it) * it.written(), 0),
                    "a comparison an element of the window");
            elementwise(
                    """
                    max_pool2d_with_indices_backward max_pool3d_with_indices_backward
                    adaptive_max_pool2d_backward
                    """,
                    1,
                    READ,
                    "an addition an element of the gradient");
            elementwise(
                    "_adaptive_avg_pool2d _adaptive_avg_pool3d adaptive_max_pool2d",
                    1,
                    READ,
                    "one operation an element read");
            elementwise(
                    "_adaptive_avg_pool2d_backward _adaptive_avg_pool3d_backward",
                    1,
                    WRITTEN,
                    "one quotient an element written");
        }

        private static long window(Operation operation) {
            List<String> kernel = operation.input("kernel_size").scalars();
            long area = kernel.stream().mapToLong(Long::parseLong).reduce(1, Math::multiplyExact);
            if (kernel.size() > 1) {
                return area;
            }
            return operation.name().contains("3d") ? area * area * area : area * area;
        }

        private void interpolation() {
            String taps = "a product and a sum for each neighbour that is weighed: ";
            elementwise("upsample_bilinear2d", 8, WRITTEN, taps + "4");
            elementwise("upsample_bilinear2d_backward", 8, READ, taps + "4");
            elementwise("upsample_bicubic2d", 32, WRITTEN, taps + "16");
            elementwise("upsample_bicubic2d_backward", 32, READ, taps + "16");
            elementwise("upsample_linear1d", 4, WRITTEN, taps + "2");
            elementwise("upsample_linear1d_backward", 4, READ, taps + "2");
            elementwise("upsample_trilinear3d", 16, WRITTEN, taps + "8");
            elementwise("upsample_trilinear3d_backward", 16, READ, taps + "8");
            String wide = "its width grows with the reduction, an axis at a time";
            formula(
                    "_upsample_bilinear2d_aa",
                    it -> antialiased(it.tensor("self"), it.outputs().getFirst(), 1),
                    taps + wide);
            formula(
                    "_upsample_bicubic2d_aa",
                    it -> antialiased(it.tensor("self"), it.outputs().getFirst(), 2),
                    taps + wide);
            String backward = "as many additions as forward has products, at least 4 or 16";
            elementwise("_upsample_bilinear2d_aa_backward", 8, READ, backward);
            elementwise("_upsample_bicubic2d_aa_backward", 32, READ, backward);
            elementwise("grid_sampler_2d", 20, WRITTEN, taps + "4, and finding them 12");
            elementwise("grid_sampler_2d_backward", 40, READ, "forward twice");
            elementwise("col2im unfold_backward", 1, READ, "one addition an element read");
        }

        /// Horizontal pass, then vertical; a filter of this radius in the smaller image's pixels.
        private static Cost antialiased(Shape from, Operation.Argument output, int radius) {
            Shape to = output.tensors().getFirst();
            long planes = to.elements() / (to.size(-1) * to.size(-2));
            long across = taps(from.size(-1), to.size(-1), radius);
            long down = taps(from.size(-2), to.size(-2), radius);
            long horizontal = planes * from.size(-2) * to.size(-1) * across;
            long vertical = to.elements() * down;
            return Cost.ofElements(2 * Math.addExact(horizontal, vertical), 0);
        }

        private static long taps(long from, long to, int radius) {
            return Math.max(2L * radius, Math.ceilDiv(2L * radius * from, to));
        }

        private void random() {
            transcendental(
                    """
                    uniform normal random exponential cauchy log_normal geometric randint
                    randint_like poisson randperm
                    """,
                    0,
                    1,
                    "a random number, as XLA counts one");
            transcendental("bernoulli", 1, 1, "a random number and a comparison");
            transcendental("native_dropout _fused_dropout", 3, 1, "draw, compare, mask, scale");
            elementwise("native_dropout_backward _masked_scale", 2, WRITTEN, "mask and scale");
            formula(
                    "multinomial",
                    it -> Cost.ofElements(3 * it.read(), it.read()),
                    "a draw, a quotient and a comparison an element read");
        }

        private void optimisers() {
            formula(
                    "_fused_adamw",
                    it -> Cost.ofElements(13 * it.read(), it.read()),
                    "decay 1, first moment 3, second moment 4, root, its correction 2, step 3");
            formula(
                    "_fused_adam",
                    it -> Cost.ofElements(14 * it.read(), it.read()),
                    "as AdamW, the decay joining the gradient in 2");
            elementwise("_fused_sgd", 6, READ, "decay 2, momentum 2, step 2");
            formula(
                    "_fused_adagrad",
                    it -> Cost.ofElements(8 * it.read(), it.read()),
                    "decay 2, sum of squares 2, root, epsilon 1, step 3");
        }

        private void movement() {
            movement(
                    """
                    copy fill zero cat index_select index gather take masked_select nonzero
                    index_fill index_copy scatter select_scatter slice_scatter as_strided_scatter
                    diagonal_scatter constant_pad_nd reflection_pad2d replication_pad2d
                    reflection_pad1d replication_pad1d roll flip tril triu arange linspace eye
                    tril_indices triu_indices complex _pin_memory im2col upsample_nearest2d
                    upsample_nearest1d upsample_nearest3d _upsample_nearest_exact2d
                    repeat_interleave narrow_copy expand_copy view_copy
                    pixel_shuffle pixel_unshuffle channel_shuffle native_channel_shuffle
                    diag_embed fill_diagonal _unsafe_index _foreach_copy _chunk_cat range logspace
                    bartlett_window hann_window hamming_window blackman_window
                    """,
                    WRITTEN,
                    "elements are written as they are");
            formula(
                    "index_put _index_put_impl _unsafe_index_put put",
                    it -> {
                        long values =
                                it.input(it.name().contains("index") ? "values" : "source")
                                        .elements();
                        boolean sums =
                                it.inputs().stream()
                                        .filter(input -> input.name().equals("accumulate"))
                                        .anyMatch(input -> input.scalars().contains("true"));
                        return sums ? Cost.ofElements(values, 0) : new Cost(0, 0, 0, values);
                    },
                    "elements are written, or added if accumulated");
            formula(
                    "scatter_add scatter_reduce",
                    it -> Cost.ofElements(it.tensor("src").elements(), 0),
                    "one addition an element of the source");
            formula(
                    "index_add index_reduce",
                    it -> Cost.ofElements(it.tensor("source").elements(), 0),
                    "one addition an element of the source");
            elementwise("embedding_dense_backward", 1, READ, "one addition an element read");
            elementwise(
                    """
                    upsample_nearest2d_backward upsample_nearest1d_backward
                    upsample_nearest3d_backward _upsample_nearest_exact2d_backward
                    reflection_pad2d_backward replication_pad2d_backward
                    reflection_pad1d_backward replication_pad1d_backward
                    """,
                    1,
                    READ,
                    "one addition an element read");
        }

        private void views() {
            free(
                    """
                    view as_strided reshape_as view_as _unsafe_view _reshape_alias permute transpose
                    t select slice narrow expand expand_as broadcast_to squeeze unsqueeze unfold
                    diagonal alias detach split split_with_sizes unsafe_split unsafe_chunk
                    unsafe_split_with_sizes chunk tensor_split hsplit vsplit dsplit unbind movedim
                    moveaxis swapaxes swapdims numpy_T mT mH adjoint ravel unflatten lift
                    lift_fresh view_as_real view_as_complex real imag resolve_conj resolve_neg
                    conj _conj _neg_view numel size stride data broadcast_tensors
                    squeeze_copy atleast_1d atleast_2d atleast_3d
                    """,
                    "a view of the same elements");
            free(
                    """
                    empty empty_like empty_strided empty_permuted new_empty new_empty_strided
                    resize resize_as set set_data _efficientzerotensor
                    """,
                    "allocation");
            free(
                    """
                    item _local_scalar_dense is_floating_point is_complex is_pinned is_same_size
                    is_neg is_conj is_leaf is_set_to result_type promote_types can_cast
                    _fused_sdp_choice _has_same_storage_numel _has_compatible_shallow_copy_type
                    requires_grad retain_grad retains_grad output_nr _version _debug_has_internal_overlap
                    _assert_async _assert_tensor_metadata _functional_assert_async record_stream
                    scalar_tensor cudnn_is_acceptable _nnpack_available sym_size sym_numel sym_stride dim
                    _cudnn_init_dropout_state _backward _amp_update_scale _is_zerotensor
                    _shape_as_tensor
                    """,
                    "a question, a mark, or a single number");
        }

        private void composites() {
            composite(
                    """
                    linear matmul einsum tensordot inner outer ger kron  linalg_matmul
                    linalg_multi_dot chain_matmul matmul_backward linear_backward linalg_vecdot
                    conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d
                    scaled_dot_product_attention _scaled_dot_product_attention_math
                    softmax log_softmax special_softmax special_log_softmax special_logsumexp
                    special_expit special_expm1 special_log1p special_erf special_erfc special_exp2
                    special_sinc special_logit special_xlogy
                    layer_norm group_norm instance_norm batch_norm rms_norm
                    _batch_norm_impl_index _batch_norm_impl_index_backward
                    dropout feature_dropout alpha_dropout feature_alpha_dropout
                    cross_entropy_loss nll_loss nll_loss_nd nll_loss2d l1_loss kl_div
                    cosine_similarity pairwise_distance cosine_embedding_loss triplet_margin_loss
                    margin_ranking_loss hinge_embedding_loss  poisson_nll_loss
                    cdist _euclidean_dist dist norm frobenius_norm linalg_norm linalg_matrix_norm
                    """,
                    "calls what does the work");
            composite(
                    """
                    reshape flatten contiguous clone to _to_copy type_as cpu cuda
                    stack _stack hstack vstack dstack column_stack row_stack concat concatenate
                    repeat tile meshgrid cartesian_prod block_diag diag diagflat rot90 fliplr flipud
                    zeros ones full zeros_like ones_like full_like new_zeros new_ones new_full
                    tensor as_tensor one_hot pad pad_sequence
                    rand rand_like randn randn_like
                    embedding embedding_backward take_along_dim index_select_backward
                    gather_backward select_backward slice_backward diagonal_backward
                    value_selecting_reduction_backward masked_select_backward trace_backward
                    masked_scatter_backward sum_to_size _grad_sum_to_size cumprod_backward
                    _cast_Float _cast_Half _cast_Double _cast_Long _cast_Int
                    _autocast_to_reduced_precision _autocast_to_full_precision
                    """,
                    "calls what moves the elements");
            composite(
                    """
                    prelu log_sigmoid rrelu adaptive_avg_pool1d adaptive_avg_pool2d
                    adaptive_avg_pool3d adaptive_max_pool1d avg_pool1d max_pool1d
                    max_pool1d_with_indices max_pool2d max_pool3d
                    grid_sampler affine_grid_generator
                    affine_grid_generator_backward isclose allclose argwhere nonzero_numpy
                    divide multiply subtract negative absolute clip fix
                    greater greater_equal less less_equal not_equal msort quantile nanquantile
                    nanmean logdet trapz trapezoid diff gradient cov corrcoef vander
                    normal_functional _pad_enum _pad_circular
                    infinitely_differentiable_gelu_backward det special_entr
                    _convolution_mode _weight_norm norm_except_dim
                    fft_fftshift fft_ifftshift
                    """,
                    "calls what does the work");
        }

        private void product(
                String names,
                ToLongFunction<Operation> multiplyAdds,
                Function<Operation, Cost> beside,
                String reason) {
            each(names, new Rule.Product(multiplyAdds, beside, reason));
        }

        private void elementwise(
                String names, int flops, ToLongFunction<Operation> elements, String reason) {
            each(names, new Rule.Elementwise(flops, 0, elements, reason));
        }

        private void transcendental(String names, int flops, int transcendentals, String reason) {
            each(names, new Rule.Elementwise(flops, transcendentals, WRITTEN, reason));
        }

        private void formula(String names, Function<Operation, Cost> cost, String reason) {
            each(names, new Rule.Formula(cost, reason));
        }

        private void movement(String names, ToLongFunction<Operation> elements, String reason) {
            each(names, new Rule.Movement(elements, reason));
        }

        private void free(String names, String reason) {
            each(names, new Rule.Free(reason));
        }

        private void composite(String names, String reason) {
            each(names, new Rule.Composite(reason));
        }

        private void each(String names, Rule rule) {
            for (String name : names.strip().split("\\s+", -1)) {
                if (rules.put(name, rule) != null) {
                    throw new IllegalStateException("two rules for " + name);
                }
            }
        }
    }
}
