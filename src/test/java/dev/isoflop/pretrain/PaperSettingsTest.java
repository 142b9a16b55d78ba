package dev.isoflop.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.isoflop.budget.Plan;
import dev.isoflop.image.Showing;
import dev.isoflop.method.Byol;
import dev.isoflop.method.Dino;
import dev.isoflop.method.Method;
import dev.isoflop.recipe.RecipeFiles;
import dev.isoflop.recipe.Table;
import dev.isoflop.torch.AdamW;
import dev.isoflop.train.Clipping;
import dev.isoflop.train.Optimisation;
import dev.isoflop.train.Span;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// All runs of `recipes/paper`, as they are read, beside a table that was written from the paper
/// and not from them: `paper/settings.txt`.
class PaperSettingsTest {

    private static final Path PAPER = Path.of("recipes/paper");
    private static final String TABLE = "/paper/settings.txt";
    private static final int DEVICES = 32;
    private static final List<Map<String, String>> LINES = lines();

    private static List<PretrainRecipe> runs(String... changes) {
        return new RecipeFiles(List.of(changes), null)
                .readAll(PAPER).stream().map(PretrainRecipe::from).toList();
    }

    /// A line of the table, by the names of its columns; parentheses are for readers.
    private static List<Map<String, String>> lines() {
        List<String> lines = new ArrayList<>();
        try (InputStream in = PaperSettingsTest.class.getResourceAsStream(TABLE)) {
            String text =
                    new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
            text.lines().filter(line -> !line.startsWith("#")).forEach(lines::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String[] columns = lines.removeFirst().split("\\|");
        List<Map<String, String>> table = new ArrayList<>();
        for (String line : lines) {
            String[] cells = line.replaceAll("[()]", "").split("\\|");
            assertThat(cells).as(line).hasSameSizeAs(columns);
            Map<String, String> row = new LinkedHashMap<>();
            for (int i = 0; i < columns.length; i++) {
                row.put(columns[i].strip(), cells[i].strip());
            }
            table.add(row);
        }
        return table;
    }

    private static String cell(Map<String, String> row, String column) {
        return Objects.requireNonNull(row.get(column), column);
    }

    private static List<Double> numbers(String cell) {
        return Arrays.stream(cell.split(" ")).map(Double::valueOf).toList();
    }

    /// The line of a run: its method, its data and, among the schedules, its steps.
    private static Map<String, String> line(PretrainRecipe run) {
        String data =
                run.name().replaceFirst("^[a-z]+-", "").replaceFirst("(-long)?-[bl]-16-.*", "");
        String steps = Long.toString(plan(run).steps());
        List<Map<String, String>> fit =
                LINES.stream()
                        .filter(row -> cell(row, "method").equals(run.method().name()))
                        .filter(row -> cell(row, "data").equals(data))
                        .filter(row ->
                                List.of(cell(row, "schedules").split(" ", -1)).contains(steps))
                        .toList();
        assertThat(fit).as(run.name()).hasSize(1);
        return fit.getFirst();
    }

    private static Plan plan(PretrainRecipe run) {
        return run.plan(run.images(), DEVICES);
    }

    @Test
    void everyRunHasTheSettingsOfThePaper() {
        List<PretrainRecipe> runs = runs();
        assertThat(runs).hasSize(206);
        for (PretrainRecipe run : runs) {
            Map<String, String> paper = line(run);
            assertThat(settings(run)).as(run.name()).isEqualTo(written(paper));
        }
    }

    /// What the table says of a run, every number as Java writes it.
    private static Map<String, String> written(Map<String, String> row) {
        Map<String, String> written = new TreeMap<>();
        for (String key : List.of("rate", "factor", "from", "to", "betas", "decay", "batch")) {
            written.put(key, numbers(cell(row, key)).toString());
        }
        String[] clip = cell(row, "clip").split(" ", -1);
        boolean none = clip[0].equals("none");
        written.put("clip", none ? "none" : Double.valueOf(clip[0]) + " " + clip[1]);
        String ema = cell(row, "EMA");
        written.put("EMA", ema.equals("none") ? ema : numbers(ema).toString());
        written.put("warm-up", cell(row, "warm-up"));
        written.put("views", cell(row, "views"));
        return written;
    }

    /// The same of a recipe.
    private static Map<String, String> settings(PretrainRecipe run) {
        Optimisation how = run.settings().optimisation();
        Optimisation.Rate rate = how.rate();
        AdamW.Settings adam = (AdamW.Settings) how.optimiser();
        double factor = rate.scaleRate() ? run.batch() / 256.0 : 1;
        List<Double> decay = List.of(adam.weightDecay(), how.endWeightDecay());
        Map<String, String> settings = new TreeMap<>();
        settings.put("rate", List.of(rate.baseRate()).toString());
        settings.put("factor", List.of(factor).toString());
        settings.put("from", List.of(rate.startRate()).toString());
        settings.put("to", List.of(rate.endRate()).toString());
        settings.put("betas", List.of(adam.beta1(), adam.beta2()).toString());
        settings.put("decay", decay.toString());
        settings.put("batch", List.of((double) run.batch()).toString());
        settings.put("clip", how.clipping().map(PaperSettingsTest::clip).orElse("none"));
        settings.put("EMA", ema(run.method()));
        settings.put("warm-up", rate.warmup().toString());
        settings.put("views", views(run.views()));
        return settings;
    }

    private static String clip(Clipping clipping) {
        return clipping.clip() + (clipping.clipEach() ? " each" : " all");
    }

    private static String ema(Method.Config method) {
        return switch (method) {
            case Byol.Config byol -> List.of(byol.targetDecay()).toString();
            case Dino.Config dino -> List.of(dino.distillation().teacherMomentum()).toString();
            default -> "none";
        };
    }

    /// How many views there are of each size, the larger first.
    private static String views(List<Showing> views) {
        Map<Integer, Integer> bySize = new LinkedHashMap<>();
        views.forEach(v -> bySize.merge(v.view().size(), v.times(), Integer::sum));
        return bySize.entrySet().stream()
                .map(size -> size.getValue() + "x" + size.getKey())
                .collect(Collectors.joining(" "));
    }

    /// Not only what is written down: what the rate is when it counts.
    @Test
    void theRatePeaksAfterTheWarmUpAndEndsWhereThePaperSays() {
        for (PretrainRecipe run : runs()) {
            Map<String, String> paper = line(run);
            long steps = plan(run).steps();
            var schedule = run.settings().optimisation().rate().schedule(run.batch(), steps);
            double peak =
                    numbers(cell(paper, "rate")).getFirst()
                            * numbers(cell(paper, "factor")).getFirst();
            double warmup = Span.parse(cell(paper, "warm-up")).share(steps);
            assertThat(schedule.at(0))
                    .as(run.name())
                    .isEqualTo(numbers(cell(paper, "from")).getFirst());
            assertThat(schedule.at(warmup)).as(run.name()).isCloseTo(peak, within(1e-12));
            assertThat(schedule.at(1))
                    .as(run.name())
                    .isCloseTo(numbers(cell(paper, "to")).getFirst(), within(1e-12));
        }
    }

    /// ViT-B everywhere; on JFT ViT-L too, but for the one long run of MAE (2.1, figure 2).
    @Test
    void everyScheduleOfThePaperIsThereForEveryEncoderAndNoOther() {
        Map<String, Long> found =
                runs().stream()
                        .collect(
                                Collectors.groupingBy(
                                        run ->
                                                run.encoder().name()
                                                        + " "
                                                        + cell(line(run), "method")
                                                        + " "
                                                        + cell(line(run), "data")
                                                        + " "
                                                        + plan(run).steps(),
                                        TreeMap::new,
                                        Collectors.counting()));
        Map<String, Long> wanted = new TreeMap<>();
        for (Map<String, String> row : LINES) {
            String method = cell(row, "method");
            for (String steps : cell(row, "schedules").split(" ", -1)) {
                boolean additional =
                        method.equals("mae") && (steps.equals("500000") || steps.equals("750000"));
                long variants =
                        switch (method) {
                            case "mae" -> additional ? 1 : 4 * 2; // mask ratios, decoders (2.1)
                            case "clip" -> 2; // text towers (2.1)
                            default -> 1;
                        };
                String rest = " " + method + " " + cell(row, "data") + " " + steps;
                wanted.put("ViT-B/16" + rest, variants);
                if (cell(row, "data").equals("jft") && !additional) {
                    wanted.put("ViT-L/16" + rest, variants);
                }
            }
        }
        assertThat(found).isEqualTo(wanted);
    }

    /// A.3 for ImageNet and COCO, read to the letter: the same images and the same work.
    @Test
    void dinosOtherReadingIsReachedFromTheCommandLineAndCostsTheSame() {
        for (String data : List.of("coco", "imagenet-1k", "imagenet-21k")) {
            Path file = PAPER.resolve("dino-" + data + ".yaml");
            List<String> letter = List.of("batch=4096", "budget=250000 steps", "name=letter");
            Table own = new RecipeFiles(List.of(), null).read(file);
            Table other = new RecipeFiles(letter, null).read(file);
            Plan first = plan(PretrainRecipe.from(own));
            Plan second = plan(PretrainRecipe.from(other));
            assertThat(first.steps()).isEqualTo(1_000_000);
            assertThat(first.batch()).isEqualTo(1024);
            assertThat(second.steps()).isEqualTo(250_000);
            assertThat(second.batch()).isEqualTo(4096);
            assertThat(second.flops()).isEqualTo(first.flops());
        }
    }
}
