package dev.isoflop.trace;

import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.LongList;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorList;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptionalList;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// A program that touches what the six methods, their updates and the downstream tasks are likely
/// to execute, forward and backward. Its numbers mean nothing.
final class Sweep {

    private static final long MEAN = 1;

    private Sweep() {}

    static void run() {
        transformer();
        masks();
        convolutions();
        losses();
        activations();
        arithmetic();
        indexing();
        updates();
        autocast();
    }

    private static Tensor parameter(long... shape) {
        Tensor tensor = torch.randn(shape);
        tensor.set_requires_grad(true);
        return tensor;
    }

    private static TensorOptional some(Tensor tensor) {
        return new TensorOptional(tensor);
    }

    private static void learn(Tensor output) {
        output.mul(output).sum().backward();
    }

    private static void transformer() {
        Tensor x = parameter(2, 5, 8); // [B, N, D]
        Tensor scale = parameter(8);
        Tensor shift = parameter(8);
        learn(torch.layer_norm(x, new long[] {8}, some(scale), some(shift), 1e-6, false));
        learn(torch.rms_norm(x, new long[] {8}, some(scale), new DoubleOptional(1e-6)));
        Tensor heads = x.view(2, 5, 2, 4).transpose(1, 2); // [B, heads, N, width]
        learn(torch.scaled_dot_product_attention(heads, heads, heads));
        Tensor causal = torch.ones(5, 5).tril();
        Tensor scores = heads.matmul(heads.transpose(-2, -1));
        Scalar never = new Scalar(Double.NEGATIVE_INFINITY);
        learn(torch.softmax(scores.masked_fill(causal.logical_not(), never), -1));
        learn(torch.linear(torch.gelu(x), parameter(3, 8), some(parameter(3))));
        learn(torch.linear(x.select(1, 0), parameter(3, 8)));
        learn(torch.cat(new TensorVector(x, x.flip(1)), 1).roll(1));
        learn(torch.stack(new TensorVector(x, x)).mean());
        learn(x.chunk(2, 1).get(0).squeeze().unsqueeze(0).expand(2, -1, -1, -1));
        learn(torch.dropout(x, 0.1, true));
        learn(x.mul(torch.bernoulli(torch.full_like(x, new Scalar(0.9))).div(new Scalar(0.9))));
        learn(torch.einsum("bnd,bmd->bnm", new TensorVector(x, x)));
        learn(x.repeat(1, 2, 1).permute(2, 0, 1).reshape(-1, 4));
        learn(
                torch.embedding(
                        parameter(10, 8),
                        torch.randint(10, new long[] {2, 5}).to(ScalarType.Long)));
        learn(torch.baddbmm(torch.randn(4, 5, 4), parameter(4, 5, 5), parameter(4, 5, 4)));
        learn(x.select(0, 0).mv(scale).dot(torch.randn(5)));
    }

    private static void masks() {
        Tensor noise = torch.rand(2, 6);
        Tensor tokens = parameter(2, 6, 4);
        Tensor kept = noise.topk(3, 1, false, true).get1(); // [B, kept]
        Tensor places = kept.unsqueeze(-1).expand(-1, -1, 4);
        learn(tokens.gather(1, places));
        learn(tokens.view(12, 4).index_select(0, kept.reshape(-1).add(new Scalar(1))));
        learn(torch.zeros_like(tokens).scatter(1, places, tokens.narrow(1, 0, 3)));
        learn(torch.zeros_like(tokens).scatter_add(1, places, tokens.narrow(1, 0, 3)));
        Tensor half = tokens.view(12, 4).narrow(0, 0, 6);
        learn(torch.zeros(12, 4).index_add(0, kept.reshape(-1), half));
        learn(torch.where(tokens.gt(new Scalar(0)), tokens, tokens.neg()));
        learn(tokens.masked_select(tokens.gt(new Scalar(0))));
        noise.argsort().argsort(1, false).lt(new Scalar(3)).to(ScalarType.Float).sum();
        noise.sort().get0().cumsum(1).ge(new Scalar(0.5)).nonzero();
        torch.randperm(6);
        torch.normal(0, 1, new long[] {3});
        torch.arange(new Scalar(6)).remainder(new Scalar(2)).eq(new Scalar(0)).any();
        noise.median();
        torch.unique_consecutive(noise);
        torch.bucketize(noise, torch.arange(new Scalar(5)));
    }

    private static void convolutions() {
        Tensor images = parameter(2, 3, 8, 8);
        Tensor kernel = parameter(4, 3, 3, 3);
        Tensor scale = parameter(4);
        Tensor shift = parameter(4);
        Tensor mean = torch.zeros(4);
        Tensor variance = torch.ones(4);
        for (boolean training : new boolean[] {true, false}) {
            learn(
                    torch.batch_norm(
                            torch.conv2d(images, kernel),
                            some(scale),
                            some(shift),
                            some(mean),
                            some(variance),
                            training,
                            0.1,
                            1e-5,
                            false));
        }
        learn(torch.group_norm(torch.conv2d(images, kernel), 2));
        for (ScalarType format : new ScalarType[] {ScalarType.Float, ScalarType.Double}) {
            long[] two = {2, 2}; // dilated: through oneDNN, and through columns of the image
            learn(
                    torch.conv2d(
                            images.to(format),
                            kernel.to(format),
                            new TensorOptional(),
                            new long[] {1, 1},
                            two,
                            two,
                            1));
        }
        Tensor maps = torch.relu(torch.conv2d(images, kernel));
        learn(torch.max_pool2d(maps, 2, 2).add(torch.avg_pool2d(maps, 2, 2)));
        learn(torch.adaptive_avg_pool2d(torch.conv2d(images, kernel), 1, 1));
        learn(torch.adaptive_avg_pool2d(torch.conv2d(images, kernel), 2, 2));
        learn(torch.conv_transpose2d(images, parameter(3, 2, 2, 2)));
        learn(torch.upsample_bilinear2d(images, new long[] {12, 12}, false));
        learn(torch.upsample_bicubic2d(images, new long[] {12, 12}, false));
        learn(torch.upsample_nearest2d(images, new long[] {12, 12}));
        for (String kind : new String[] {"bilinear", "bicubic"}) {
            LongList side = new LongList(5, 5);
            IValueVector arguments = new IValueVector();
            arguments.push_back(new IValue(images));
            arguments.push_back(new IValue(new GenericList((Pointer) side)));
            arguments.push_back(new IValue(false));
            arguments.push_back(new IValue());
            arguments.push_back(new IValue());
            call("aten::_upsample_" + kind + "2d_aa", arguments);
            learn(arguments.get(0).toTensor());
        }
        learn(torch.pad(images, 1, 1, 1, 1));
        learn(torch.grid_sampler_2d(images, parameter(2, 5, 5, 2), 0, 0, false));
    }

    private static void losses() {
        Tensor logits = parameter(4, 10);
        Tensor labels = torch.randint(10, new long[] {4}).to(ScalarType.Long);
        Tensor soft = torch.softmax(torch.randn(4, 10), -1);
        torch.cross_entropy_loss(logits, labels).backward();
        torch.cross_entropy_loss(logits, soft).backward();
        torch.cross_entropy_loss(logits, labels, new TensorOptional(), MEAN, -100, 0.1).backward();
        torch.cross_entropy_loss(parameter(2, 5, 4, 4), torch.zeros(2, 4, 4).to(ScalarType.Long))
                .backward();
        torch.mse_loss(logits, soft).backward();
        torch.l1_loss(logits, soft).backward();
        torch.smooth_l1_loss(logits, soft).backward();
        torch.huber_loss(logits, soft).backward();
        torch.binary_cross_entropy_with_logits(logits, soft).backward();
        torch.binary_cross_entropy(logits.sigmoid(), soft).backward();
        torch.kl_div(torch.log_softmax(logits, -1), soft).backward();
        torch.cosine_similarity(logits, soft).sum().backward();
        torch.normalize(logits).matmul(soft.t()).logsumexp(new long[] {1}, false).sum().backward();
        torch.cdist(logits, soft).sum().backward();
        logits.norm().backward();
        torch.one_hot(labels, 10).to(ScalarType.Float).sub(soft).pow(new Scalar(2)).sum();
        logits.argmax().eq(new Scalar(3)).sum().item_long();
    }

    private static void activations() {
        Tensor x = parameter(3, 7);
        learn(torch.relu(x));
        learn(torch.gelu(x, "tanh"));
        learn(torch.silu(x));
        learn(torch.mish(x));
        learn(torch.elu(x));
        learn(torch.softplus(x));
        learn(torch.log_sigmoid(x));
        learn(torch.leaky_relu(x));
        learn(torch.hardtanh(x));
        learn(torch.hardswish(x));
        learn(torch.glu(parameter(3, 8)));
        learn(x.sigmoid());
        learn(x.tanh());
        learn(x.erf());
    }

    private static void arithmetic() {
        Tensor x = parameter(3, 7);
        Tensor positive = torch.rand(3, 7).add(new Scalar(1));
        positive.set_requires_grad(true);
        learn(x.abs());
        learn(positive.log());
        learn(positive.sqrt().rsqrt());
        learn(x.sin().cos());
        learn(x.exp().log1p());
        learn(positive.pow(new Scalar(1.5)));
        learn(positive.reciprocal());
        learn(torch.clamp_min(x, new Scalar(-1)));
        learn(torch.maximum(x, positive));
        learn(torch.minimum(x, positive));
        learn(x.var(false));
        learn(x.std(false));
        learn(x.amax());
        learn(x.max());
        learn(x.max(1).get0());
        learn(x.cumsum(1));
        learn(x.prod());
        learn(x.lerp(positive, new Scalar(0.5)));
        learn(torch.addcmul(x, x, x));
        learn(torch.addcdiv(x, x, positive));
        learn(x.square().sub(x).neg().expand(2, 3, 7).to(ScalarType.Double));
        learn(x.atan2(positive));
        learn(torch.outer(x.select(0, 0), x.select(0, 1)));
        x.isfinite().all();
        x.isnan().any();
    }

    private static void indexing() {
        Tensor x = parameter(6, 4);
        Tensor rows = torch.arange(new Scalar(3)).to(ScalarType.Long);
        TensorOptionalList places = new TensorOptionalList();
        places.push_back(some(rows));
        learn(x.index(places));
        learn(torch.index_put(x, places, parameter(3, 4)));
        learn(torch.index_put(x, places, parameter(3, 4), true));
        learn(x.slice(0, new LongOptional(1), new LongOptional(5), 2));
        learn(x.unfold(0, 2, 2));
        learn(x.triu());
        learn(x.diagonal());
        learn(x.split(2).get(1));
        x.detach().clone().fill_(new Scalar(1)).zero_();
    }

    private static void updates() {
        Tensor weight = parameter(5, 4);
        learn(weight);
        torch.clip_grad_norm_(new TensorVector(weight), 1.0);
        Tensor value = weight.detach();
        Tensor gradient = weight.grad();
        try (AutoGradMode _ = new AutoGradMode(false)) {
            value.mul_(new Scalar(0.99)).lerp_(gradient, new Scalar(0.1));
            value.add_(gradient, new Scalar(-0.1));
            fusedAdamW(value, gradient);
            foreach("aten::_foreach_mul_", "Scalar", value, new IValue(new Scalar(0.5)));
            foreach(
                    "aten::_foreach_norm",
                    "Scalar",
                    value,
                    new IValue(new Scalar(2)),
                    new IValue());
        }
    }

    private static void fusedAdamW(Tensor value, Tensor gradient) {
        Tensor first = torch.zeros_like(value);
        Tensor second = torch.zeros_like(value);
        IValueVector arguments = new IValueVector();
        arguments.push_back(list(value));
        arguments.push_back(list(gradient));
        arguments.push_back(list(first));
        arguments.push_back(list(second));
        arguments.push_back(list());
        arguments.push_back(list(torch.ones(1).squeeze()));
        for (double setting : new double[] {1e-3, 0.9, 0.999, 0.05, 1e-8}) {
            arguments.push_back(new IValue(setting));
        }
        arguments.push_back(new IValue(false));
        arguments.push_back(new IValue(false));
        arguments.push_back(new IValue());
        arguments.push_back(new IValue());
        Dispatcher.singleton().findSchemaOrThrow("aten::_fused_adamw_", "").callBoxed(arguments);
    }

    private static void foreach(String operator, String overload, Tensor value, IValue... rest) {
        IValueVector arguments = new IValueVector();
        arguments.push_back(list(value, value));
        for (IValue argument : rest) {
            arguments.push_back(argument);
        }
        Dispatcher.singleton().findSchemaOrThrow(operator, overload).callBoxed(arguments);
    }

    private static IValue list(Tensor... tensors) {
        TensorVector vector = new TensorVector(tensors);
        return new IValue(new GenericList((Pointer) new TensorList(vector)));
    }

    private static void autocast() {
        torch.set_autocast_dtype(DeviceType.CPU, ScalarType.BFloat16);
        torch.set_autocast_enabled(DeviceType.CPU, true);
        Tensor output =
                torch.softmax(
                        torch.linear(torch.randn(4, 6), parameter(5, 6), some(parameter(5))), -1);
        torch.set_autocast_enabled(DeviceType.CPU, false);
        torch.clear_cache();
        learn(output);
    }

    private static void call(String operator, IValueVector arguments) {
        Dispatcher.singleton().findSchemaOrThrow(operator, "").callBoxed(arguments);
    }
}
