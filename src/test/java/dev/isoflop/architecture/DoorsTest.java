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
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;

import dev.isoflop.method.Byol;
import dev.isoflop.method.Clip;
import dev.isoflop.method.Dino;
import dev.isoflop.method.Distillation;
import dev.isoflop.method.Mae;
import dev.isoflop.method.Method;
import dev.isoflop.method.SimClr;
import dev.isoflop.method.Supervised;
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
import dev.isoflop.vit.TextShape;
import dev.isoflop.vit.VitShape;
import dev.isoflop.vit.VitStyle;

import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Doors between packages open one way, and classes are of the kinds that the style allows.
class DoorsTest {

    private static final String OURS = "dev.isoflop.";
    private static final String NATIVE = "org.bytedeco..";
    private static final String SCOPE = "org.bytedeco.javacpp.PointerScope";

    /// Which packages a package may know. The command line is not here: it may know all, and nobody
    /// may know it.
    private static final Map<String, Set<String>> DOORS =
            Map.ofEntries(
                    Map.entry("fault", Set.of()),
                    Map.entry("budget", Set.of("fault", "recipe")),
                    Map.entry("carbon", Set.of("fault", "recipe", "budget")),
                    Map.entry("recipe", Set.of("fault")),
                    Map.entry("text", Set.of("fault")),
                    Map.entry("run", Set.of("fault", "budget")),
                    Map.entry("report", Set.of("fault", "budget", "carbon", "run")),
                    Map.entry("torch", Set.of("fault", "budget")),
                    Map.entry("image", Set.of("fault", "torch")),
                    Map.entry("data", Set.of("fault", "files", "recipe", "image", "text")),
                    Map.entry("vit", Set.of("fault", "budget", "torch")),
                    Map.entry("train", Set.of("fault", "budget", "recipe", "torch")),
                    Map.entry("encoder", Set.of("fault", "run", "torch", "vit", "train")),
                    Map.entry(
                            "method",
                            Set.of("fault", "budget", "recipe", "image", "torch", "vit", "train")),
                    Map.entry(
                            "doctor",
                            Set.of("fault", "budget", "carbon", "run", "torch", "trainer")),
                    Map.entry(
                            "task",
                            Set.of("fault", "budget", "recipe", "image", "torch", "vit", "train")));

    private static final Set<String> PURE =
            Set.of("fault", "budget", "carbon", "recipe", "text", "run", "report");

    /// Settings that are read and priced without the native library, though they stand beside code
    /// that needs it.
    private static final List<Class<?>> PURE_SETTINGS =
            List.of(
                    VitShape.class,
                    VitStyle.class,
                    DecoderShape.class,
                    Method.Config.class,
                    Mae.Config.class,
                    Dino.Config.class,
                    DinoHeadShape.class,
                    Distillation.class,
                    SimClr.Config.class,
                    Byol.Config.class,
                    MlpShape.class,
                    Clip.Config.class,
                    Supervised.Config.class,
                    TextShape.class,
                    Segmentation.Config.class,
                    FcnHeadShape.class,
                    Tuning.class,
                    MeanIoU.class,
                    Protocol.class,
                    Optimisation.class,
                    Schedule.class,
                    AdamW.Settings.class);

    /// Who frees native memory: the loop its steps, and whoever works outside a step.
    private static final List<String> SCOPES =
            List.of(
                    OURS + "train.Loop", // the scope of a step
                    OURS + "train.Rows", // what is kept of a cut of a coupled batch
                    OURS + "image.Pixels", // a worker's image
                    OURS + "torch.Engine", // the rate of matrix products
                    OURS + "torch.Safetensors", // a tensor on its way to or from a file
                    OURS + "cli.Rehearsal", // a step that is only looked at
                    OURS + "cli.Timing", // a learner whose steps are timed
                    OURS + "cli.DecoderTiming", // likewise, and its passes
                    OURS + "torch.Lbfgs", // one evaluation of a loss
                    OURS + "task.Neighbours", // a block of queries
                    OURS + "task.PixelLoss", // a strip of pixels
                    OURS + "task.LinearProbe", // a whole probe
                    OURS + "task.LinearFit", // its scores
                    OURS + "cli.Exam", // an image that a network is judged on
                    OURS + "cli.SegmentationJudge", // likewise, and squares of it
                    OURS + "cli.Paintings", // what is shown of a learner at the end
                    OURS + "cli.Sights", // likewise
                    OURS + "cli.Features", // a chunk through a frozen encoder
                    OURS + "cli.Prompts", // sentences of class names
                    OURS + "cli.Probing", // a probe
                    OURS + "cli.OnlineProbing"); // a probe between two steps

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
    void doorsBetweenPackagesOpenOneWay() {
        var shut = new TreeSet<String>();
        for (JavaClass from : CODE) {
            Set<String> open = DOORS.getOrDefault(room(from), Set.of());
            from.getDirectDependenciesFromSelf().stream()
                    .filter(dependency -> dependency.getTargetClass().getName().startsWith(OURS))
                    .filter(dependency -> !room(from).equals("cli"))
                    .filter(dependency -> !room(dependency.getTargetClass()).equals(room(from)))
                    .filter(dependency -> !open.contains(room(dependency.getTargetClass())))
                    .forEach(dependency -> shut.add(dependency.getDescription()));
        }
        assertThat(shut).isEmpty();
    }

    @Test
    void everyRoomHasItsDoors() {
        var rooms = new TreeSet<String>();
        CODE.forEach(type -> rooms.add(room(type)));
        var known = new TreeSet<>(DOORS.keySet());
        known.add("cli");
        assertThat(rooms).isEqualTo(known);
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

    @Test
    void aMethodOrATaskFitsInAFileUnderTwoHundredLines() {
        Map<String, Long> lengths = new TreeMap<>();
        for (String room : List.of("method", "task")) {
            Project.below(Path.of("src/main/java/dev/isoflop/" + room))
                    .forEach(file ->
                            lengths.put(file.toString(), Project.text(file).lines().count()));
        }
        assertThat(lengths)
                .isNotEmpty()
                .allSatisfy((_, lines) -> assertThat(lines).isLessThan(METHOD_LINES));
    }

    /// The package below `dev.isoflop` that a class is in; of nested packages the first.
    private static String room(JavaClass type) {
        String below = type.getPackageName().substring(OURS.length() - 1).replaceFirst("^\\.", "");
        int dot = below.indexOf('.');
        return dot < 0 ? below : below.substring(0, dot);
    }

    private static JavaClass outermost(JavaClass type) {
        return type.getEnclosingClass().map(DoorsTest::outermost).orElse(type);
    }
}
