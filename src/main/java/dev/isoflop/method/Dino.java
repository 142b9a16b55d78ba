package dev.isoflop.method;

import dev.isoflop.budget.Work;
import dev.isoflop.fault.Check;
import dev.isoflop.image.Showing;
import dev.isoflop.image.View;
import dev.isoflop.recipe.Table;
import dev.isoflop.torch.AdamW;
import dev.isoflop.train.Clipping;
import dev.isoflop.train.Crops;
import dev.isoflop.train.Examples;
import dev.isoflop.train.Loss;
import dev.isoflop.train.Optimisation;
import dev.isoflop.train.Progress;
import dev.isoflop.train.Span;
import dev.isoflop.vit.DinoHeadShape;
import dev.isoflop.vit.DinoNetwork;
import dev.isoflop.vit.Positions;
import dev.isoflop.vit.Vit;
import dev.isoflop.vit.VitShape;

import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;

import java.util.List;
import java.util.Optional;

/// Self-distillation with no labels: say of a small part what a slower self says of the whole.
///
/// Mathilde Caron et al., *Emerging Properties in Self-Supervised Vision Transformers*, ICCV 2021,
/// [arXiv:2104.14294](https://arxiv.org/abs/2104.14294), section 3 and the authors' code.
///
/// Differs from Koppula et al. 2022 by the authors' defaults: a recipe asks for the study's 10
/// local views, rate of 0.00075 falling to 2e-6 over a warm-up of 12,000 steps, and clipping at
/// 1.0, "lowered for larger more unstable datasets like JFT to down to 0.1". Whether the larger
/// ALIGN is one of these they do not say (in `recipes/paper` it has 1.0), nor whether tensors are
/// clipped one by one and the rate is multiplied by the batch over 256, as in the authors' code.
///
/// Shapes: B images, L local views, V = 2 + L views, D width, K prototypes.
public final class Dino implements Method<Crops> {

    private static final int GLOBALS = 2; // large views, which the teacher sees too
    private static final int DROPPING = 1; // stream of random numbers

    /// What DINO may be asked.
    ///
    /// @param head sizes of the heads of both networks
    /// @param localViews small views of each image; 8 in the authors' code, 10 in the study
    /// @param localSize side of a small view in pixels, a multiple of the patch
    /// @param distillation temperatures, center, momentum, and what holds the student back
    /// @param handsOnTeacher whether the teacher's encoder is handed on, as by the authors
    public record Config(
            DinoHeadShape head,
            int localViews,
            int localSize,
            Distillation distillation,
            boolean handsOnTeacher)
            implements Method.Config {

        /// The defaults of the authors' code.
        public static final Config DEFAULT =
                new Config(new DinoHeadShape(2048, 256, 65_536), 8, 96, Distillation.DEFAULT, true);

        public Config {
            Check.that(localViews >= 0, "localViews is %s; it must not be negative", localViews);
            Check.that(localSize >= 1, "localSize is %s; it must be at least 1", localSize);
        }

        public static Config from(Table t) {
            return t.build(() ->
                    new Config(
                            new DinoHeadShape(
                                    t.count("head-width", DEFAULT.head.headWidth()),
                                    t.count("bottleneck", DEFAULT.head.bottleneck()),
                                    t.count("prototypes", DEFAULT.head.prototypes())),
                            t.count("local-views", DEFAULT.localViews),
                            t.count("local-size", DEFAULT.localSize),
                            Distillation.from(t),
                            t.flag("hands-on-teacher", DEFAULT.handsOnTeacher)));
        }

        @Override
        public String name() {
            return "dino";
        }

        @Override
        public Method<?> build(VitShape encoder) {
            return new Dino(this, encoder);
        }

        @Override
        public Positions positions() {
            return Positions.LEARNED;
        }

        @Override
        public Work perImage(VitShape encoder, int batch) {
            Check.that(
                    localViews == 0 || localSize % encoder.patch() == 0,
                    "localSize is %s; it must be a multiple of the patch, %s",
                    localSize,
                    encoder.patch());
            VitShape local = localViews == 0 ? encoder : encoder.at(localSize);
            Work heads = head.work(GLOBALS + localViews, encoder.width());
            Work teacher =
                    Work.sum(
                            "teacher",
                            encoder.forwardWork("teacher's encoder", GLOBALS),
                            head.work(GLOBALS, encoder.width()).named("teacher's head"));
            Work forward =
                    Work.sum(
                            "forward",
                            encoder.forwardWork("encoder", GLOBALS),
                            local.forwardWork("local views", localViews),
                            heads,
                            teacher);
            Work backward =
                    Work.sum(
                            "backward",
                            encoder.backwardWork("encoder", GLOBALS),
                            local.backwardWork("local views", localViews),
                            heads.times(2, "gradients"));
            return Work.sum("dino", forward, backward);
        }

        @Override
        public Optional<ScalablePart> scalable() {
            return ScalablePart.of(head, to -> with(head.at(to)));
        }

        private Config with(DinoHeadShape other) {
            return new Config(other, localViews, localSize, distillation, handsOnTeacher);
        }

        @Override
        public long parameters(VitShape encoder) {
            return encoder.parameters() + head.parameters(encoder.width());
        }

        /// The defaults of the authors' code: 10 of 100 epochs of warm-up.
        @Override
        public Optimisation optimisation() {
            return new Optimisation(
                    new Optimisation.Rate(0.0005, true, 0, 1e-6, new Span.Share(0.1), true),
                    new AdamW.Settings(0.9, 0.999, 1e-8, 0.04),
                    0.4,
                    Optional.of(new Clipping(3, true)));
        }

        @Override
        public List<Showing> views(int image) {
            return List.of(
                    Showing.once("global-first", View.dinoGlobalFirst(image)),
                    Showing.once("global-second", View.dinoGlobalSecond(image)),
                    new Showing("local", View.dinoLocal(localSize), localViews));
        }
    }

    private final Config config;
    private final DinoNetwork student;
    private final DinoNetwork teacher;
    private final DinoLoss loss;
    private final Module state = new Module("dino");

    public Dino(Config config, VitShape shape) {
        this.config = config;
        student = new DinoNetwork(shape, config.head, config.distillation.dropPath());
        teacher = Ema.frozen(new DinoNetwork(shape, config.head, 0));
        state.register_module("student", student);
        state.register_module("teacher", teacher);
        Ema.drift(teacher, student, 0); // they begin as the same
        loss = new DinoLoss(config.distillation, config.head.prototypes());
        state.register_module("loss", loss);
    }

    @Override
    public Crops batch(Examples of) {
        return Crops.of(of.views());
    }

    @Override
    public Loss loss(Crops batch, Progress at) {
        List<Tensor> views = batch.byResolution(); // [2 B, 3, S, S], [L B, 3, s, s]
        int b = (int) views.getFirst().size(0) / GLOBALS;
        int draws = (GLOBALS + batch.locals().size()) * student.draws();
        Tensor tokens = student.tokens(b, views, at.uniform(DROPPING, b, draws)); // [V B, D]
        Tensor taught = teacher.taught(views.getFirst()); // [2 B, K], frozen: without gradient
        Tensor target = loss.target(taught, at); // [2, B, K]
        Tensor total = loss.of(student.head().forward(tokens), target);
        return new Loss(total, DinoLoss.watched(target), tokens.narrow(0, 0, b));
    }

    /// The authors drop the gradient of the last layer at first.
    @Override
    public void beforeUpdate(Progress at) {
        if (at.share() < config.distillation.prototypesHeld()) {
            student.head().prototypes().mutable_grad().reset();
        }
    }

    @Override
    public void afterUpdate(Progress at) {
        loss.follow();
        Ema.drift(teacher, student, config.distillation.momentum().at(at.share()));
    }

    @Override
    public DinoNetwork trained() {
        return student;
    }

    @Override
    public Module state() {
        return state;
    }

    @Override
    public Vit encoder() {
        return (config.handsOnTeacher ? teacher : student).backbone();
    }
}
