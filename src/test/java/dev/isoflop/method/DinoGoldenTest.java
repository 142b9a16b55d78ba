package dev.isoflop.method;

import static dev.isoflop.golden.Golden.assertClose;
import static dev.isoflop.golden.Golden.assertMatches;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.golden.Golden;
import dev.isoflop.torch.AdamW;
import dev.isoflop.torch.Parameters;
import dev.isoflop.train.Crops;
import dev.isoflop.train.Progress;
import dev.isoflop.vit.DinoHeadShape;
import dev.isoflop.vit.DinoNetwork;
import dev.isoflop.vit.VitShape;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Cases `dino_loss` and `dino_full`: the authors' DINO, number for number.
class DinoGoldenTest {

    private static final Progress START = new Progress(0, 100, 0, 0);

    @Test
    void lossGradientAndCenterAreThoseOfTheAuthorsStepAfterStep() {
        JsonNode golden = Golden.of("dino_loss");
        JsonNode config = golden.get("config");
        long b = config.get("B").asLong();
        int k = config.get("K").asInt();
        DinoLoss loss = new DinoLoss(distillation(1), k);
        loss.to(ScalarType.Double, false);
        for (JsonNode expected : golden.get("steps")) {
            long epochs = config.get("nepochs").asLong();
            Progress at = new Progress(expected.get("epoch").asLong(), epochs, 0, 0);
            Tensor student =
                    logits(expected.get("student_t"), config.get("ncrops").asLong() * b, k);
            student.set_requires_grad(true);
            Tensor teacher = logits(expected.get("teacher_t"), 2 * b, k);

            Tensor total = loss.of(student, loss.target(teacher, at));
            total.backward();
            loss.follow();
            assertClose(
                    "temperature",
                    distillation(1).temperature().at(at.share()),
                    expected.get("teacher_temp"));
            assertClose("loss", total.item_double(), expected.get("loss"));
            assertMatches("gradient", student.grad(), expected.get("grad_student"));
            assertMatches("center", loss.center(), expected.get("center_after"));
        }
    }

    private static Tensor logits(JsonNode t, long rows, long k) {
        long seed = Golden.seed(Golden.of("dino_loss"));
        return Golden.signed(seed, t.asLong(), rows, k).mul(new org.bytedeco.pytorch.Scalar(2));
    }

    @Test
    void bothNetworksSayWhatTheAuthorsDo() {
        JsonNode golden = golden();
        DinoNetwork student = new DinoNetwork(shape(), head(), 0);
        DinoNetwork teacher = new DinoNetwork(shape(), head(), 0);
        fill(student, config().get("seed_student"));
        fill(teacher, config().get("seed_teacher"));
        List<Tensor> views = crops().byResolution();
        int b = config().get("B").asInt();
        double[] unused = new double[b * views().size() * student.draws()];
        Tensor said = student.head().forward(student.tokens(b, views, unused));
        assertMatches("student", said, golden.get("student_out"));
        assertMatches("teacher", teacher.forward(views.getFirst()), golden.get("teacher_out"));
    }

    @Test
    void aStepIsThatOfTheAuthors() {
        JsonNode golden = golden();
        Dino dino = filled();
        Parameters parameters = new Parameters(dino.trained());
        Tensor loss = dino.loss(crops(), START).total();
        loss.backward();
        assertClose("loss", loss.item_double(), golden.get("loss"));
        assertGradients(parameters, golden.get("grads"));
        Map<String, Double> norms = new TreeMap<>();
        parameters
                .named()
                .forEach((name, tensor) -> norms.put(name, tensor.grad().norm().item_double()));
        assertThat(norms.keySet()).isEqualTo(names(golden.get("per_param_grad_norms")));
        norms.forEach((name, norm) ->
                assertClose(name, norm, golden.get("per_param_grad_norms").get(name)));

        parameters.clipEach(config().get("clip").asDouble());
        assertGradients(parameters, golden.get("grads_after_per_param_clip"));
        double weightDecay = config().get("wd").asDouble();
        AdamW.Settings settings =
                new AdamW.Settings(
                        config().get("betas").get(0).asDouble(),
                        config().get("betas").get(1).asDouble(),
                        config().get("eps").asDouble(),
                        weightDecay);
        dino.beforeUpdate(START);
        new AdamW(parameters, settings).step(config().get("lr").asDouble(), weightDecay);
        dino.afterUpdate(START);
        assertParameters(dino, "student.", golden.get("student_after_step"));
        assertParameters(dino, "teacher.", golden.get("teacher_after_ema"));
        Tensor center = Parameters.buffers(dino.state()).get("loss.center");
        assertMatches("center", Objects.requireNonNull(center), golden.get("center_after"));
    }

    @Test
    void theSameParametersAreDecayedAsByTheAuthors() {
        Set<String> decayed = new TreeSet<>();
        Set<String> others = new TreeSet<>();
        new Parameters(filled().trained())
                .named()
                .forEach((name, tensor) ->
                        (AdamW.decays(name, tensor.dim()) ? decayed : others).add(name));
        assertThat(decayed).isEqualTo(strings(golden().get("weight_decayed")));
        assertThat(others).isEqualTo(strings(golden().get("not_decayed")));
    }

    private static JsonNode golden() {
        return Golden.of("dino_full");
    }

    private static JsonNode config() {
        return golden().get("config");
    }

    private static VitShape shape() {
        JsonNode c = config().get("vit");
        return new VitShape(
                c.get("dim").asInt(),
                c.get("depth").asInt(),
                c.get("heads").asInt(),
                c.get("patch").asInt(),
                c.get("img").asInt());
    }

    private static DinoHeadShape head() {
        JsonNode c = config();
        return new DinoHeadShape(
                c.get("hidden").asInt(), c.get("bottleneck").asInt(), c.get("out").asInt());
    }

    /// The settings of case `dino_loss`; the authors' temperature rises once an epoch and reaches
    /// its end in the last epoch of the warm-up.
    private static Distillation distillation(double teacherMomentum) {
        JsonNode c = Golden.of("dino_loss").get("config");
        double rising = c.get("warmup_teacher_temp_epochs").asDouble() - 1;
        return new Distillation(
                c.get("student_temp").asDouble(),
                c.get("warmup_teacher_temp").asDouble(),
                c.get("teacher_temp").asDouble(),
                rising / c.get("nepochs").asDouble(),
                c.get("center_momentum").asDouble(),
                teacherMomentum,
                0,
                0);
    }

    private static Dino filled() {
        JsonNode c = config();
        Distillation d = distillation(c.get("ema").asDouble());
        double t = c.get("teacher_temp").asDouble();
        Distillation steady =
                new Distillation(
                        d.studentTemperature(),
                        t,
                        t,
                        0,
                        d.centerMomentum(),
                        d.teacherMomentum(),
                        d.prototypesHeld(),
                        d.dropPath());
        int locals = c.get("nlocal").asInt();
        int side = c.get("lsize").asInt();
        Dino dino = new Dino(new Dino.Config(head(), locals, side, steady, true), shape());
        dino.state().to(ScalarType.Double, false);
        fill(dino.trained(), c.get("seed_student"));
        fill(of(dino, "teacher."), c.get("seed_teacher"));
        return dino;
    }

    private static void fill(DinoNetwork network, JsonNode seed) {
        network.to(ScalarType.Double, false);
        fill(Parameters.named(network), seed);
    }

    private static void fill(Map<String, Tensor> parameters, JsonNode seed) {
        Map<String, Tensor> kept =
                Map.of(
                        "head.last_layer.weight_g",
                        Objects.requireNonNull(parameters.get("head.last_layer.weight_g")).clone());
        Golden.fill(golden().get("params"), seed.asLong(), parameters, name -> name, kept);
    }

    private static Map<String, Tensor> of(Dino dino, String network) {
        Map<String, Tensor> parameters = new TreeMap<>();
        Parameters.named(dino.state())
                .forEach((name, tensor) -> {
                    if (name.startsWith(network)) {
                        parameters.put(name.substring(network.length()), tensor);
                    }
                });
        return parameters;
    }

    private static List<Tensor> views() {
        JsonNode c = config();
        List<Tensor> views = new ArrayList<>();
        for (JsonNode t : c.get("crops_t")) {
            JsonNode side = views.size() < 2 ? c.get("vit").get("img") : c.get("lsize");
            long seed = c.get("seed_student").asLong();
            long b = c.get("B").asLong();
            views.add(Golden.signed(seed, t.asLong(), b, 3, side.asLong(), side.asLong()));
        }
        return views;
    }

    private static Crops crops() {
        return Crops.of(views());
    }

    private static void assertGradients(Parameters parameters, JsonNode expected) {
        expected.properties()
                .forEach(e ->
                        assertMatches(
                                "gradient of " + e.getKey(),
                                Objects.requireNonNull(parameters.named().get(e.getKey())).grad(),
                                e.getValue()));
    }

    private static void assertParameters(Dino dino, String network, JsonNode expected) {
        Map<String, Tensor> parameters = of(dino, network);
        expected.properties()
                .forEach(e ->
                        assertMatches(
                                network + e.getKey(),
                                Objects.requireNonNull(parameters.get(e.getKey())),
                                e.getValue()));
    }

    private static Set<String> names(JsonNode object) {
        Set<String> result = new TreeSet<>();
        object.properties().forEach(e -> result.add(e.getKey()));
        return result;
    }

    private static Set<String> strings(JsonNode list) {
        Set<String> result = new TreeSet<>();
        list.forEach(name -> result.add(name.asString()));
        return result;
    }
}
