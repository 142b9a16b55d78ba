package dev.isoflop.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.INTERFACES;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMembers;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;

import dev.isoflop.method.Distillation;
import dev.isoflop.method.Method;
import dev.isoflop.task.MeanIoU;
import dev.isoflop.task.Protocol;
import dev.isoflop.task.Segmentation;
import dev.isoflop.task.Tuning;
import dev.isoflop.torch.AdamW;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.train.Optimisation;
import dev.isoflop.train.Schedule;
import dev.isoflop.vit.DecoderShape;
import dev.isoflop.vit.DinoHeadShape;
import dev.isoflop.vit.FcnHeadShape;
import dev.isoflop.vit.MlpShape;
import dev.isoflop.vit.Scalable;
import dev.isoflop.vit.TextShape;
import dev.isoflop.vit.VitShape;
import dev.isoflop.vit.VitStyle;

import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.stream.Stream;

/// Doors between packages open one way, and classes are of the kinds that the style allows.
class DoorsTest {

    private static final String OURS = "dev.isoflop.";
    private static final String NATIVE = "org.bytedeco..";
    private static final String SCOPE = "org.bytedeco.javacpp.PointerScope";

    /// Which rooms, packages with those inside, a room may know: from the lowest floor to the
    /// highest, each of those below it that it needs.
    private static final Map<String, String> DOORS =
            Map.ofEntries(
                    Map.entry("fault", ""),
                    Map.entry("files", "fault"),
                    Map.entry("recipe", "fault files"),
                    Map.entry("text", "fault files"),
                    Map.entry("budget", "fault recipe"),
                    Map.entry("carbon", "fault recipe budget"),
                    Map.entry("run", "fault files budget"),
                    Map.entry("report", "fault files budget carbon run"),
                    Map.entry("torch", "fault recipe files budget"),
                    Map.entry("trace", "fault files torch"),
                    Map.entry("image", "fault recipe torch"),
                    Map.entry("vit", "fault recipe budget torch"),
                    Map.entry("data", "fault recipe text files run image"),
                    Map.entry("train", "fault recipe text files budget torch image vit data"),
                    Map.entry("encoder", "fault files run torch vit train"),
                    Map.entry("method", "fault recipe budget torch image vit data train"),
                    Map.entry("task", "fault recipe budget run report torch image vit data train"),
                    Map.entry(
                            "probe",
                            "fault recipe text files budget run report "
                                    + "torch image vit data train encoder method"),
                    Map.entry(
                            "trainer",
                            "fault recipe text files budget carbon run report "
                                    + "torch image vit data train encoder task probe"),
                    Map.entry(
                            "pretrain",
                            "fault recipe text files budget carbon run report "
                                    + "torch image vit data train encoder method probe trainer"),
                    Map.entry(
                            "finetune",
                            "fault recipe files budget carbon run report torch "
                                    + "image vit data train encoder method task trainer pretrain"),
                    Map.entry(
                            "profile",
                            "fault recipe text files budget run report "
                                    + "torch trace image vit data train method trainer pretrain"),
                    Map.entry(
                            "plan",
                            "fault recipe files budget carbon "
                                    + "run report vit method task trainer pretrain finetune"),
                    Map.entry("doctor", "fault budget carbon run torch trainer"),
                    Map.entry(
                            "cli",
                            "fault recipe files budget carbon run report encoder task probe"
                                    + " pretrain finetune profile plan doctor"));

    /// The same for the packages within a room, where they may not all know each other.
    private static final Map<String, Set<String>> WITHIN_DATA =
            Map.of(
                    "data.tree", Set.of(),
                    "data.world", Set.of(),
                    "data.coco", Set.of("data.tree"),
                    "data", Set.of("data.tree", "data.world", "data.coco"),
                    "data.loader", Set.of("data"));

    private static final Set<String> PURE =
            Set.of("fault", "budget", "carbon", "recipe", "text", "run", "report");

    /// Settings that are read and priced without the native library, though they stand beside code
    /// that needs it.
    private static final List<Class<?>> PURE_SETTINGS =
            Stream.concat(
                            Stream.<Class<?>>of(
                                    VitShape.class,
                                    VitStyle.class,
                                    DecoderShape.class,
                                    Method.Config.class,
                                    DinoHeadShape.class,
                                    Distillation.class,
                                    MlpShape.class,
                                    Scalable.class,
                                    TextShape.class,
                                    Segmentation.Config.class,
                                    FcnHeadShape.class,
                                    Tuning.class,
                                    MeanIoU.class,
                                    Protocol.class,
                                    Optimisation.class,
                                    Schedule.class,
                                    AdamW.Settings.class),
                            Arrays.stream(Method.Config.class.getPermittedSubclasses()))
                    .toList();

    /// Who frees native memory: the loop its steps, and whoever works outside a step.
    private static final List<String> SCOPES =
            List.of(
                    OURS + "image.Pixels", // a worker's image
                    OURS + "torch.Engine", // the rate of matrix products
                    OURS + "torch.Lbfgs", // one evaluation of a loss
                    OURS + "torch.Safetensors", // a tensor on its way to or from a file
                    OURS + "train.Loop", // the scope of a step
                    OURS + "train.Rows", // what is kept of a micro-batch of a coupled batch
                    OURS + "task.PixelLoss", // a strip of pixels
                    OURS + "task.EvaluationImages", // an image that a network is evaluated on
                    OURS + "task.SegmentationEvaluation", // likewise
                    OURS + "task.SlidingWindow", // squares of it
                    OURS + "probe.Features", // a chunk through a frozen encoder
                    OURS + "probe.Neighbours", // a block of queries
                    OURS + "probe.LinearProbe", // a whole probe
                    OURS + "probe.LinearFit", // its scores
                    OURS + "probe.LinearLoss", // a block of rows
                    OURS + "probe.UntrainedScores", // an untrained encoder
                    OURS + "probe.ZeroShot", // sentences of class names
                    OURS + "probe.Probing", // a probe
                    OURS + "probe.OnlineProbing", // a probe between two steps
                    OURS + "trainer.PanelFigure", // what is shown of a learner at the end
                    OURS + "trainer.EncoderFigures", // likewise
                    OURS + "profile.TracedStep", // a step that is only looked at
                    OURS + "profile.Timing", // a learner whose steps are timed
                    OURS + "profile.DecoderTiming"); // likewise, and its passes

    private static final Set<String> PARENTS =
            Set.of(
                    "java.lang.Object",
                    "java.lang.Record",
                    "java.lang.Exception",
                    "java.lang.RuntimeException",
                    "java.lang.IllegalStateException",
                    "org.bytedeco.pytorch.LossClosure", // libtorch calls back into it
                    "org.bytedeco.pytorch.Module",
                    "net.razorvine.pickle.Unpickler"); // read pickles by its instructions

    private static final int METHOD_LINES = 200;

    private static final JavaClasses CODE =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("dev.isoflop");

    @Test
    void doorsBetweenRoomsOpenOneWay() {
        assertThat(shut(DoorsTest::room, DoorsTest::mayKnow)).isEmpty();
    }

    @Test
    void doorsWithinDataOpenOneWay() {
        assertThat(
                        shut(
                                DoorsTest::packageBelow,
                                (from, to) ->
                                        !WITHIN_DATA.containsKey(from)
                                                || !to.startsWith("data")
                                                || Objects.requireNonNull(WITHIN_DATA.get(from))
                                                        .contains(to)))
                .isEmpty();
    }

    /// What one part of the house knows of another and may not.
    private static Set<String> shut(
            Function<JavaClass, String> part, BiPredicate<String, String> open) {
        var shut = new TreeSet<String>();
        for (JavaClass from : CODE) {
            for (Dependency dependency : from.getDirectDependenciesFromSelf()) {
                JavaClass to = dependency.getTargetClass();
                if (to.getName().startsWith(OURS)
                        && !part.apply(from).equals(part.apply(to))
                        && !open.test(part.apply(from), part.apply(to))) {
                    shut.add(
                            "%s knows %s: %s"
                                    .formatted(
                                            part.apply(from),
                                            part.apply(to),
                                            dependency.getDescription()));
                }
            }
        }
        return shut;
    }

    private static boolean mayKnow(String from, String to) {
        return below(from).contains(to);
    }

    private static List<String> below(String room) {
        return List.of(DOORS.getOrDefault(room, "").split(" "));
    }

    @Test
    void everyRoomHasItsDoors() {
        var rooms = new TreeSet<String>();
        CODE.forEach(type -> rooms.add(room(type)));
        assertThat(rooms).isEqualTo(new TreeSet<>(DOORS.keySet()));
    }

    @Test
    void noDoorOpensUpwards() {
        for (String room : DOORS.keySet()) {
            assertThat(below(room))
                    .as("rooms that %s knows", room)
                    .noneMatch(below -> mayKnow(below, room));
        }
    }

    @Test
    void noTwoPackagesKnowEachOther() {
        slices().matching("dev.isoflop.(**)").should().beFreeOfCycles().check(CODE);
    }

    @Test
    void purePackagesKnowNothingNative() {
        for (String room : PURE) {
            noClasses()
                    .that()
                    .resideInAPackage(OURS + room + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage(NATIVE)
                    .check(CODE);
        }
    }

    @Test
    void settingsThatAreReadWithoutTheNativeLibraryKnowNothingNative() {
        for (Class<?> settings : PURE_SETTINGS) {
            noClasses()
                    .that()
                    .belongToAnyOf(settings)
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage(NATIVE)
                    .check(CODE);
        }
    }

    @Test
    void onlyTheNamedClassesOpenPointerScopes() {
        var users = new TreeSet<String>();
        for (JavaClass type : CODE) {
            boolean opens =
                    type.getDirectDependenciesFromSelf().stream()
                            .anyMatch(d -> d.getTargetClass().getName().equals(SCOPE));
            if (opens) {
                users.add(outermost(type).getName());
            }
        }
        assertThat(users).containsExactlyInAnyOrderElementsOf(SCOPES);
    }

    @Test
    void networksAndMethodsFreeNothingThemselves() {
        noClasses()
                .that()
                .resideInAnyPackage(OURS + "vit..", OURS + "method..")
                .should()
                .callMethodWhere(freesNativeMemory())
                .because("what a step creates belongs to the loop's scope")
                .check(CODE);
    }

    private static DescribedPredicate<JavaCall<?>> freesNativeMemory() {
        return DescribedPredicate.describe(
                "frees native memory",
                call ->
                        Set.of("close", "deallocate", "releaseReference").contains(call.getName())
                                && call.getTargetOwner().getName().startsWith("org.bytedeco.")
                                && !call.getTargetOwner().getSimpleName().equals("NoGradGuard"));
    }

    @Test
    void onlyTheCommandLinePrints() {
        noClasses()
                .that()
                .resideOutsideOfPackage(OURS + "cli..")
                .should(ACCESS_STANDARD_STREAMS)
                .check(CODE);
    }

    @Test
    void classesAreFinalUnlessTheyAreInterfacesOrEnums() {
        classes()
                .that(not(INTERFACES))
                .and()
                .areNotEnums()
                .and()
                .areNotAnonymousClasses()
                .and()
                .areNotAssignableTo(Enum.class) // an enum constant's own body
                .should()
                .haveModifier(JavaModifier.FINAL)
                .check(CODE);
    }

    @Test
    void onlyNetworksAndExceptionsInherit() {
        Map<String, String> parents = new TreeMap<>();
        CODE.stream()
                .filter(type -> !type.isInterface() && !type.isAssignableTo(Enum.class))
                .forEach(type ->
                        type.getRawSuperclass()
                                .map(JavaClass::getName)
                                .filter(parent -> !PARENTS.contains(parent))
                                .ifPresent(parent -> parents.put(type.getName(), parent)));
        assertThat(parents).isEmpty();
    }

    @Test
    void nothingIsProtected() {
        noMembers().should().beProtected().check(CODE);
    }

    @Test
    void noStaticFieldChanges() {
        fields().that().areStatic().should().beFinal().check(CODE);
    }

    @Test
    void noStaticFieldHoldsWhatChanges() {
        fields().that()
                .areStatic()
                .and()
                .areNotDeclaredIn(LibTorch.class) // a process has one native library
                .should()
                .notHaveRawType(
                        assignableTo("java.util.concurrent.atomic.AtomicLong")
                                .or(assignableTo("java.util.concurrent.atomic.AtomicInteger"))
                                .or(assignableTo("java.util.concurrent.atomic.AtomicBoolean"))
                                .or(assignableTo("java.util.concurrent.atomic.AtomicReference"))
                                .or(assignableTo(ThreadLocal.class))
                                .or(assignableTo("java.util.Random"))
                                .or(assignableTo("org.bytedeco.pytorch.Tensor")))
                .check(CODE);
    }

    @Test
    void noClassIsFoundByItsName() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.util.ServiceLoader")
                .orShould()
                .dependOnClassesThat()
                .resideInAPackage("java.lang.reflect..")
                .orShould()
                .callMethod(Class.class, "forName", String.class)
                .because("the switch in cli is the whole registry")
                .check(CODE);
    }

    @Test
    void noNameSaysUtilHelperManagerOrAbstract() {
        classes()
                .should()
                .haveNameNotMatching(
                        ".*[.$](Abstract\\w+|\\w*(Util|Utils|Helper|Manager|Misc|Common|Impl))")
                .check(CODE);
    }

    /// Lines of code: which package it is in and what it imports are none.
    @Test
    void aMethodOrATaskFitsInAFileUnderTwoHundredLines() {
        Map<String, Long> lengths = new TreeMap<>();
        for (String room : List.of("method", "task")) {
            for (Path file : Project.below(Path.of("src/main/java/dev/isoflop/" + room))) {
                long lines =
                        Project.text(file)
                                .lines()
                                .filter(line -> !line.matches("(package|import) .*"))
                                .count();
                lengths.put(file.toString(), lines);
            }
        }
        assertThat(lengths)
                .isNotEmpty()
                .allSatisfy((_, lines) -> assertThat(lines).isLessThan(METHOD_LINES));
    }

    /// The package below `dev.isoflop` that a class is in; of nested packages the first.
    private static String room(JavaClass type) {
        return packageBelow(type).replaceFirst("\\..*", "");
    }

    private static String packageBelow(JavaClass type) {
        return type.getPackageName().substring(OURS.length() - 1).replaceFirst("^\\.", "");
    }

    private static JavaClass outermost(JavaClass type) {
        return type.getEnclosingClass().map(DoorsTest::outermost).orElse(type);
    }
}
