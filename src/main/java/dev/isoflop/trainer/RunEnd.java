package dev.isoflop.trainer;

import dev.isoflop.budget.Estimate;
import dev.isoflop.data.Dataset;
import dev.isoflop.data.loader.BrokenImages;
import dev.isoflop.data.loader.Loader;
import dev.isoflop.report.Figure;
import dev.isoflop.report.RunBill;
import dev.isoflop.report.RunPage;
import dev.isoflop.run.Measurement;
import dev.isoflop.run.Provenance;
import dev.isoflop.run.Result;
import dev.isoflop.run.RunFolder;
import dev.isoflop.run.RunListener;
import dev.isoflop.run.RunRecord;
import dev.isoflop.task.Evaluation.Evaluated;
import dev.isoflop.train.Checkpoint;

import org.bytedeco.pytorch.Device;
import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/// The end of a run, whichever it is: its result, its figures, its bill and its page.
final class RunEnd {

    private final Training.Subject subject;
    private final Dataset data;
    private final RunFolder folder;
    private final RunListener to;
    private @Nullable Loader loader;
    private @Nullable StepRecorder<?> recorder;
    private @Nullable List<Measurement> measured;
    private boolean evaluating;
    private boolean written; // the result of this time
    private List<Figure> drawn = List.of();

    RunEnd(Training.Subject subject, Dataset data, RunFolder folder, RunListener to) {
        this.subject = subject;
        this.data = data;
        this.folder = folder;
        this.to = to;
    }

    /// From here on there is something to tell of.
    void watch(Loader images, StepRecorder<?> steps) {
        loader = images;
        recorder = steps;
    }

    /// What can be shown of the learner.
    List<Figure> drawn(List<Figures> wanted, Device device) {
        List<Figure> figures = new ArrayList<>();
        for (Figures some : wanted) {
            figures.addAll(drawn(() -> some.draw(data, device)));
        }
        return figures;
    }

    /// A figure that cannot be drawn is said and left out, for what it shows is done.
    private List<Figure> drawn(Supplier<List<Figure>> figures) {
        try {
            return figures.get();
        } catch (RuntimeException e) {
            to.said("a figure is left out, for it cannot be drawn: " + e);
            return List.of();
        }
    }

    /// Someone stopped the run before its budget was spent.
    Result interrupted(List<Figure> figures) {
        long last = recorder == null ? 0 : recorder.lastStep();
        String message = "Stopped after step " + last + "; " + resume();
        return told(result(Result.Status.INTERRUPTED, encoder(), message), figures);
    }

    /// The budget is spent, and an evaluation begins, which may fail.
    void evaluating(List<Figure> figures) {
        evaluating = true;
        drawn = List.copyOf(figures);
    }

    /// Someone stopped the evaluation.
    Result notEvaluated(List<Figure> figures) {
        String message = "The budget is spent, and the evaluation was stopped; " + resume();
        return told(result(Result.Status.INTERRUPTED, encoder(), message), figures);
    }

    /// The budget is spent, and nothing was to be evaluated.
    Result finished(List<Figure> figures) {
        return told(spent(), figures);
    }

    /// The budget is spent, and what was to be evaluated is.
    Result finished(List<Figure> figures, Evaluated evaluated) {
        Result result = spent().with(evaluated.score());
        folder.writeResult(result); // before anything is drawn, for the score was dear
        written = true;
        List<Figure> all = new ArrayList<>(figures);
        all.addAll(drawn(evaluated.figures()));
        return told(result, all);
    }

    private Result spent() {
        Optional<String> collapse = Stability.collapse(measurements());
        return collapse.isPresent()
                ? result(
                        Result.Status.UNSTABLE, encoder(), "The budget is spent. " + collapse.get())
                : result(Result.Status.FINISHED, encoder(), "The budget is spent.");
    }

    /// The run cannot go on. What was computed by then is kept; a failure to write that down is
    /// added to the reason.
    void failed(Throwable why) {
        try {
            String message = Objects.requireNonNullElse(why.getMessage(), why.toString());
            if (written || (recorder == null && folder.readResult().isPresent())) {
                return; // what the folder says is still true
            }
            if (recorder != null && recorder.diverged()) {
                Result result = result(Result.Status.UNSTABLE, null, message);
                folder.writeResult(result);
                RunPage.write(record(), List.of(), folder.page());
            } else if (evaluating) {
                String spent = "The budget is spent, but the evaluation failed: ";
                told(
                        result(
                                Result.Status.FAILED,
                                encoder(),
                                spent + message + " To evaluate again, " + resume()),
                        drawn);
            } else if (recorder != null) {
                told(result(Result.Status.FAILED, encoder(), message), List.of());
            } else {
                folder.writeResult(result(Result.Status.FAILED, null, message));
            }
        } catch (RuntimeException e) {
            why.addSuppressed(e);
        }
    }

    /// Those of all steps; no step follows, so that they are read once.
    private List<Measurement> measurements() {
        if (measured == null) {
            measured = folder.readMeasurements();
        }
        return measured;
    }

    /// What the folder says, once the result is written.
    private RunRecord record() {
        return RunRecord.of(folder, measurements());
    }

    private String resume() {
        return "continue with: isoflop " + subject.verb() + " --resume " + folder.path();
    }

    /// Writes the result, and shows it; that a page cannot be written changes nothing of it.
    private Result told(Result result, List<Figure> figures) {
        folder.writeResult(result);
        written = true;
        try {
            Figure.keep(folder.pictures(), figures);
            RunRecord run = record();
            RunPage.write(run, figures, folder.page());
            to.said(RunBill.of(run).text().stripTrailing());
            to.said("page        " + folder.page());
        } catch (RuntimeException e) {
            to.said("the run is over, but its page cannot be written: " + e);
        }
        return result;
    }

    /// The encoder as last saved.
    private Result.@Nullable Artifact encoder() {
        Optional<Checkpoint> saved = recorder == null ? Optional.empty() : recorder.saved();
        if (saved.isEmpty()) {
            return null;
        }
        Checkpoint.Part file = saved.get().manifest().files().getFirst();
        Path relative = folder.path().relativize(saved.get().encoder());
        return new Result.Artifact(relative.toString(), file.sha256());
    }

    private Result result(Result.Status status, Result.@Nullable Artifact encoder, String message) {
        Result.Broken share = broken();
        Estimate power =
                folder.readProvenance()
                        .map(Provenance::electricity)
                        .map(Provenance.Electricity::power)
                        .orElse(null);
        Result result =
                Result.of(status, measurements(), share, encoder, power, message).with(leftOut());
        return folder.readUntrainedProbe().map(result::withUntrained).orElse(result);
    }

    private List<Result.LeftOut> leftOut() {
        return data.leftOut().stream()
                .map(it -> new Result.LeftOut(it.reason(), it.count(), it.first()))
                .toList();
    }

    private Result.Broken broken() {
        if (loader == null) {
            return new Result.Broken(0, 0, List.of());
        }
        BrokenImages broken = loader.broken();
        return new Result.Broken(
                broken.count(),
                broken.share(),
                broken.first().stream()
                        .map(b -> new Result.BrokenImage(b.name(), b.reason()))
                        .toList());
    }
}
