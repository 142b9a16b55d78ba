package dev.isoflop.run;

import dev.isoflop.fault.InputException;
import dev.isoflop.fault.Nearest;
import dev.isoflop.files.DurableFiles;
import dev.isoflop.files.Json;
import dev.isoflop.files.Reason;
import dev.isoflop.files.WholeFile;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The folder of one run: where each part of it is, and who may write it.
///
/// A folder made by [#create] or [#resume] belongs to this process until it is closed or the
/// process ends, however it ends; one opened by [#read] may be looked at while another process
/// writes it.
public final class RunFolder implements AutoCloseable {

    private final Path path;
    private final @Nullable RunLock lock; // none for a reader

    private RunFolder(Path path, @Nullable RunLock lock) {
        this.path = path;
        this.lock = lock;
    }

    /// Makes a folder for a new run and takes it for this process.
    ///
    /// @throws InputException if it holds a run, is no folder, or another process writes to it
    public static RunFolder create(Path path) {
        if (Files.exists(path) && !Files.isDirectory(path)) {
            throw new InputException(path + " is a file; give a folder with --out");
        }
        try {
            Files.createDirectories(path);
        } catch (IOException e) {
            throw new InputException(
                    path + " cannot be made: " + Reason.of(e) + "; give another --out", e);
        }
        var folder = new RunFolder(path, RunLock.take(path));
        Optional<Path> old =
                Stream.of(
                                folder.recipe(),
                                folder.measurements(),
                                folder.untrainedProbe(),
                                folder.result(),
                                folder.search(),
                                folder.checkpoints())
                        .filter(Files::exists)
                        .findFirst();
        if (old.isPresent()) {
            folder.close();
            throw new InputException(
                    "%s holds a run already (%s); continue it with --resume, or give another --out"
                            .formatted(path, old.get().getFileName()));
        }
        return folder;
    }

    /// Opens the folder of a run that is to go on and takes it for this process.
    ///
    /// @throws InputException if it holds no run, or another process writes to it
    public static RunFolder resume(Path path) {
        requireRun(path);
        return new RunFolder(path, RunLock.take(path));
    }

    /// Opens the folder of a run to look at.
    ///
    /// @throws InputException if it holds no run
    public static RunFolder read(Path path) {
        requireRun(path);
        return new RunFolder(path, null);
    }

    /// The folder itself.
    public Path path() {
        return path;
    }

    /// The run's name: that of its folder.
    public String name() {
        return path.toAbsolutePath().normalize().getFileName().toString();
    }

    /// What was asked for, with all that the command line set.
    public Path recipe() {
        return path.resolve("recipe.yaml");
    }

    /// Where its figures come from.
    public Path provenance() {
        return path.resolve("provenance.json");
    }

    /// What each step showed.
    public Path measurements() {
        return path.resolve("measurements.jsonl");
    }

    /// Images that could not be used, a line each.
    public Path brokenImages() {
        return path.resolve("broken-images.jsonl");
    }

    /// What the probe beside its training showed of its encoder before the first step.
    public Path untrainedProbe() {
        return path.resolve("untrained-probe.json");
    }

    /// What came of it.
    public Path result() {
        return path.resolve("result.json");
    }

    /// The folder of checkpoints, one folder each.
    public Path checkpoints() {
        return path.resolve("checkpoints");
    }

    /// What probes of its encoder showed.
    public Path probe() {
        return path.resolve("probe.json");
    }

    /// Features that probes computed; may be deleted, and is made again.
    public Path features() {
        return path.resolve("features");
    }

    /// What the encoder of a fine-tuning run was before it.
    public Path origin() {
        return path.resolve("origin.json");
    }

    /// What a search over fine-tuning runs has come to.
    public Path search() {
        return path.resolve("search.json");
    }

    /// The tokenizer of a run that reads text.
    public Path tokenizer() {
        return path.resolve("tokenizer.json");
    }

    /// The names of the pictures of some of its data.
    ///
    /// @param part of its data, as in {@link Provenance#cards}
    public Path listing(String part) {
        return path.resolve("data").resolve(part + ".tsv.gz");
    }

    /// The folder of pictures, PNG files.
    public Path pictures() {
        return path.resolve("pictures");
    }

    /// The page for people who would rather look than read.
    public Path page() {
        return path.resolve("report.html");
    }

    /// Writes recipe.yaml.
    public void writeRecipe(String yaml) {
        DurableFiles.write(recipe(), yaml.getBytes(StandardCharsets.UTF_8));
    }

    /// Writes provenance.json.
    public void writeProvenance(Provenance provenance) {
        DurableFiles.write(provenance(), Json.document(provenance));
    }

    /// Writes origin.json.
    public void writeOrigin(Origin origin) {
        DurableFiles.write(origin(), Json.document(origin));
    }

    /// Writes the names of the pictures of some of its data.
    ///
    /// @param part as for {@link #listing}
    public void writeListing(String part, DataListing listing) {
        listing.write(listing(part));
    }

    /// Writes search.json.
    public void writeSearch(SearchReport report) {
        DurableFiles.write(search(), Json.document(report));
    }

    /// Writes untrained-probe.json.
    public void writeUntrainedProbe(OnlineProbe probe) {
        DurableFiles.write(untrainedProbe(), Json.document(probe));
    }

    /// Writes result.json.
    public void writeResult(Result result) {
        DurableFiles.write(result(), Json.document(result));
    }

    /// Writes probe.json.
    public void writeProbe(ProbeReport report) {
        report.writeTo(probe());
    }

    /// What probe.json says, if the encoder was ever probed.
    ///
    /// @throws InputException if it is damaged
    public Optional<ProbeReport> readProbe() {
        return ProbeReport.in(probe());
    }

    /// The text of recipe.yaml.
    ///
    /// @throws InputException if it cannot be read
    public String readRecipe() {
        return text(recipe());
    }

    /// What provenance.json says, if it was written.
    ///
    /// @throws InputException if it is damaged
    public Optional<Provenance> readProvenance() {
        return document(provenance(), Provenance.class);
    }

    /// The names of the pictures of some of its data, if they were written.
    ///
    /// @param part as for {@link #listing}
    /// @throws InputException if they are damaged
    public Optional<DataListing> readListing(String part) {
        return DataListing.in(listing(part));
    }

    /// What origin.json says; nothing unless the run fine-tunes.
    ///
    /// @throws InputException if it is damaged
    public Optional<Origin> readOrigin() {
        return document(origin(), Origin.class);
    }

    /// What search.json says; nothing unless the folder holds a search.
    ///
    /// @throws InputException if it is damaged
    public Optional<SearchReport> readSearch() {
        return document(search(), SearchReport.class);
    }

    /// What untrained-probe.json says, if the encoder was probed before the first step.
    ///
    /// @throws InputException if it is damaged
    public Optional<OnlineProbe> readUntrainedProbe() {
        return document(untrainedProbe(), OnlineProbe.class);
    }

    /// What result.json says; nothing while the run goes on, or if it was killed.
    ///
    /// @throws InputException if it is damaged
    public Optional<Result> readResult() {
        return document(result(), Result.class);
    }

    /// All whole lines of measurements.jsonl.
    ///
    /// @throws InputException if one is damaged
    public List<Measurement> readMeasurements() {
        return Measurements.read(measurements());
    }

    /// Lets other processes write here again.
    @Override
    public void close() {
        if (lock != null) {
            lock.close();
        }
    }

    private static void requireRun(Path path) {
        if (!Files.isRegularFile(path.resolve("recipe.yaml"))) {
            String fault =
                    Files.exists(path) ? " holds no run: it has no recipe.yaml" : " does not exist";
            throw new InputException(path + fault + neighbour(path));
        }
    }

    private static String neighbour(Path path) {
        Path above = path.toAbsolutePath().normalize().getParent();
        if (above == null || !Files.isDirectory(above)) {
            return "";
        }
        try (Stream<Path> neighbours = Files.list(above)) {
            List<String> runs =
                    neighbours
                            .filter(run -> Files.isRegularFile(run.resolve("recipe.yaml")))
                            .map(run -> run.getFileName().toString())
                            .sorted()
                            .toList();
            return Nearest.to(String.valueOf(path.getFileName()), runs)
                    .map(near -> "; did you mean " + path.resolveSibling(near) + "?")
                    .orElse("");
        } catch (IOException e) {
            return "";
        }
    }

    private static <T extends Record> Optional<T> document(Path file, Class<T> type) {
        return Files.exists(file)
                ? Optional.of(Json.read(text(file), type, file.toString()))
                : Optional.empty();
    }

    private static String text(Path file) {
        try {
            return WholeFile.text(file, WholeFile.TEXT, "a file of a run");
        } catch (IOException e) {
            throw new InputException(file + " cannot be read: " + Reason.of(e), e);
        }
    }
}
