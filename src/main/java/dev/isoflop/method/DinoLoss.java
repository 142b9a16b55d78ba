package dev.isoflop.method;

import static dev.isoflop.torch.Ops.mean;
import static dev.isoflop.torch.Ops.times;
import static dev.isoflop.torch.Ops.wide;

import static org.bytedeco.pytorch.global.torch.log_softmax;
import static org.bytedeco.pytorch.global.torch.softmax;
import static org.bytedeco.pytorch.global.torch.xlogy;

import dev.isoflop.torch.Part;
import dev.isoflop.train.Progress;

import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

import java.util.Map;

/// What DINO's student should say, and how far off it is; with the center, which is what the
/// teacher says of images on average: taken away, lest one prototype win them all.
///
/// Caron et al., ICCV 2021, equations 2 to 4 and the authors' `DINOLoss`. The center follows the
/// mean of whole batches, however they are cut.
///
/// Logits are taken in single precision at least, as autocast takes them on a GPU: over 65,536
/// prototypes bfloat16's softmax sums to anything from 0.97 to 1.02.
///
/// Shapes: B images, V views of which 2 are global, K prototypes.
final class DinoLoss extends Module {

    private static final int GLOBALS = 2;

    private final Distillation distillation;
    private final Tensor center; // [1, K]
    private final Tensor sum; // [1, K], of the teacher's logits in the step's cuts so far
    private long rows; // in that sum

    DinoLoss(Distillation distillation, int prototypes) {
        this.distillation = distillation;
        center = torch.zeros(1, prototypes);
        sum = torch.zeros(1, prototypes);
        register_buffer("center", center);
        register_buffer("sum", sum);
    }

    /// The center, `[1, K]`.
    Tensor center() {
        return center;
    }

    /// What the student should say of the global views: the teacher's answer, centered and
    /// sharpened. Takes note of it for the next center.
    ///
    /// @param logits the teacher's, `[2 B, K]`
    /// @return shares that sum to 1, `[2, B, K]`
    Tensor target(Tensor logits, Progress at) {
        if (at.firstRow() == 0) {
            sum.zero_();
            rows = 0;
        }
        Tensor taught = wide(logits); // [2 B, K]
        sum.add_(taught.sum(0)); // [1, K]
        rows += taught.size(0);
        double sharpness = 1 / distillation.temperature().at(at.share());
        Tensor target = softmax(times(taught.sub(center), sharpness), -1); // [2 B, K]
        return target.view(GLOBALS, -1, target.size(-1)); // [2, B, K]
    }

    /// The mean cross-entropy over all pairs of a global view, which the teacher saw, and another
    /// view, which the student saw.
    ///
    /// @param logits the student's, `[V B, K]`, the global views first
    /// @param target `[2, B, K]`
    Tensor of(Tensor logits, Tensor target) {
        long b = target.size(1);
        long v = logits.size(0) / b;
        Tensor said = said(logits); // [V B, K]
        TensorVector views = said.view(v, b, -1).split_with_sizes(GLOBALS, v - GLOBALS);
        Tensor globals =
                views.get(0).mul(target.flip(0)); // [2, B, K]: each with the other's target
        Tensor locals = views.get(1).sum(0).mul(target.sum(0)); // [B, K]: all with both targets
        long pairs = GLOBALS * (v - 1);
        return globals.sum().add(locals.sum()).div(new Scalar(-b * pairs)); // []
    }

    /// The logarithm of what the student says: `[V B, K]` of its logits.
    Tensor said(Tensor logits) {
        return log_softmax(times(wide(logits), 1 / distillation.studentTemperature()), -1);
    }

    /// How unsure the teacher is of an image, in nats, and how much it tells images apart: entropy
    /// of the mean less mean of the entropy, over the images at hand.
    ///
    /// @param target `[2, B, K]`
    static Map<String, Tensor> watched(Tensor target) {
        Tensor unsure = entropy(target).mean(); // []
        Tensor apart = entropy(mean(target.flatten(0, 1), 0)).sub(unsure); // []
        return Map.of("teacherEntropy", unsure, "teacherInformation", apart);
    }

    private static Tensor entropy(Tensor shares) {
        return xlogy(shares, shares).sum(-1).neg();
    }

    /// Moves the center towards the mean of what was noted in this step.
    void follow() {
        Part.EMA.run(() -> {
            Tensor mean = times(sum, 1.0 / rows); // [1, K]
            center.lerp_(mean, new Scalar(1 - distillation.centerMomentum()));
        });
    }
}
