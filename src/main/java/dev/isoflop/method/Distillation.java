package dev.isoflop.method;

import dev.isoflop.fault.Check;
import dev.isoflop.recipe.Table;
import dev.isoflop.train.Schedule;

/// How DINO's student learns from its teacher, and the teacher from its student.
///
/// @param studentTemperature tau_s in the paper: what the student's logits are divided by
/// @param startTeacherTemperature tau_t in the paper, at the first step
/// @param teacherTemperature tau_t from the end of its warm-up on
/// @param temperatureWarmup share of the budget over which tau_t changes, linearly; the authors
///   change it once an epoch
/// @param centerMomentum share of itself that the center keeps at a step, m in the paper
/// @param teacherMomentum share of itself that the teacher keeps, lambda in the paper: at first,
///   rising to 1 along half a cosine
/// @param prototypesHeld share of the budget during which the student's prototypes stay as they
///   are: the first of the authors' 100 epochs
/// @param dropPath the student's stochastic depth in its last block
public record Distillation(
        double studentTemperature,
        double startTeacherTemperature,
        double teacherTemperature,
        double temperatureWarmup,
        double centerMomentum,
        double teacherMomentum,
        double prototypesHeld,
        double dropPath) {

    /// The defaults of the authors' code. (In the published recipe of their ViT-B/16 the teacher's
    /// temperature rises to 0.07 over 50 of 400 epochs.)
    public static final Distillation DEFAULT =
            new Distillation(0.1, 0.04, 0.04, 0, 0.9, 0.996, 0.01, 0.1);

    public Distillation {
        positive("studentTemperature", studentTemperature);
        positive("startTeacherTemperature", startTeacherTemperature);
        positive("teacherTemperature", teacherTemperature);
        Check.that(
                temperatureWarmup >= 0 && temperatureWarmup < 1,
                "temperatureWarmup is %s; write a share of the budget below 1, such as 0.1",
                temperatureWarmup);
        share("centerMomentum", centerMomentum);
        share("teacherMomentum", teacherMomentum);
        share("prototypesHeld", prototypesHeld);
        Check.that(
                dropPath >= 0 && dropPath < 1,
                "dropPath is %s; write a share below 1, such as 0.1",
                dropPath);
    }

    private static void positive(String name, double value) {
        Check.that(value > 0, "%s is %s; it must be positive, such as 0.04", name, value);
    }

    private static void share(String name, double value) {
        Check.that(
                value >= 0 && value <= 1, "%s is %s; write a share between 0 and 1", name, value);
    }

    /// Reads the part of a recipe's `method` that is about distillation.
    static Distillation from(Table t) {
        return t.build(() ->
                new Distillation(
                        t.real("student-temperature", DEFAULT.studentTemperature),
                        t.real("start-teacher-temperature", DEFAULT.startTeacherTemperature),
                        t.real("teacher-temperature", DEFAULT.teacherTemperature),
                        t.real("temperature-warmup", DEFAULT.temperatureWarmup),
                        t.real("center-momentum", DEFAULT.centerMomentum),
                        t.real("teacher-momentum", DEFAULT.teacherMomentum),
                        t.real("prototypes-held", DEFAULT.prototypesHeld),
                        t.real("drop-path", DEFAULT.dropPath)));
    }

    /// The teacher's temperature by share of the budget.
    Schedule temperature() {
        return new Schedule.WarmupCosine(
                startTeacherTemperature,
                teacherTemperature,
                teacherTemperature,
                temperatureWarmup,
                temperatureWarmup);
    }

    /// The teacher's momentum by share of the budget.
    Schedule momentum() {
        return Schedule.cosine(teacherMomentum, 1);
    }
}
