import dev.isoflop.pretrain.Pretraining;
import dev.isoflop.probe.Probing;
import dev.isoflop.recipe.Table;
import dev.isoflop.run.ProbeReport.Outcome;
import dev.isoflop.run.RunListener;
import dev.isoflop.run.Stop;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/// What a demo's budget is worth: each method's encoder beside an untrained one of the same shape,
/// over seeds.
///
///     java -cp 'target/isoflop.jar:target/lib/*' bench/Learning.java OUT TIMES SEEDS METHOD... [key=value...]
///
/// OUT is a folder for runs, TIMES what the budget of `recipes/demo/METHOD.yaml` is multiplied with.
/// Runs that are there are probed again, not run again.
final class Learning {

    private static final String JUDGED = "train-images: 5000\nvalidation-images: 2000\n";

    private Learning() {}

    public static void main(String[] arguments) throws InterruptedException {
        Path out = Path.of(arguments[0]);
        double times = Double.parseDouble(arguments[1]);
        int seeds = Integer.parseInt(arguments[2]);
        List<String> rest = List.of(arguments).subList(3, arguments.length);
        for (String method : rest.stream().filter(word -> word.indexOf('=') < 0).toList()) {
            var trained = new TreeMap<String, double[]>();
            var untrained = new TreeMap<String, double[]>();
            double seconds = 0;
            for (int seed = 0; seed < seeds; seed++) {
                Table recipe = recipe(method, times, seed);
                for (String change : rest.stream().filter(w -> w.indexOf('=') > 0).toList()) {
                    String[] pair = change.split("=", 2);
                    recipe = recipe.with(pair[0], pair[1]);
                }
                Path run = out.resolve("%s-x%s-seed%d".formatted(method, times, seed));
                if (!Files.exists(run.resolve("result.json"))) {
                    var result = Pretraining.of(recipe).run(run, RunListener.NONE, Stop.NEVER);
                    seconds += result.pace().trainingSeconds();
                }
                // the untrained ones are the same for every run: once will do
                String beside = seed == 0 ? "baseline-seeds: " + seeds : "baseline: false";
                Table settings = Table.parse("judged", JUDGED + beside + "\n");
                Probing probing = Probing.of(run, settings, Set.of());
                var report = probing.run(RunListener.NONE, Stop.NEVER);
                probing.keep(report, RunListener.NONE);
                for (var probe : report.probes()) {
                    Outcome outcome = probe.outcome();
                    put(trained, probe.protocol(), seeds, seed, outcome.value());
                    List<Double> known = Objects.requireNonNull(outcome.baseline()).untrained();
                    for (int other = 0; other < known.size(); other++) {
                        put(untrained, probe.protocol(), seeds, other, known.get(other));
                    }
                }
            }
            for (String protocol : trained.keySet()) {
                System.out.printf(
                        Locale.ROOT,
                        "%-10s x%s %-9s trained %s  untrained %s  %.0f s a run%n",
                        method,
                        times,
                        protocol,
                        words(trained.get(protocol)),
                        untrained.containsKey(protocol) ? words(untrained.get(protocol)) : "-",
                        seconds / seeds);
            }
        }
    }

    private static Table recipe(String method, double times, int seed) {
        Table demo = Table.read(Path.of("recipes", "demo", method + ".yaml"));
        double budget = Double.parseDouble(demo.text("budget").replace(" TFLOP", ""));
        return demo.with("budget", times * budget + " TFLOP").with("seed", String.valueOf(seed));
    }

    private static void put(
            TreeMap<String, double[]> into, String protocol, int seeds, int seed, double value) {
        into.computeIfAbsent(protocol, _ -> new double[seeds])[seed] = 100 * value;
    }

    /// The mean, the standard deviation over seeds, and each.
    private static String words(double[] values) {
        double mean = Arrays.stream(values).average().orElseThrow();
        double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
        double deviation = values.length < 2 ? 0 : Math.sqrt(squares / (values.length - 1));
        return "%.1f +- %.1f %s".formatted(mean, deviation, Arrays.toString(round(values)));
    }

    private static double[] round(double[] values) {
        return Arrays.stream(values).map(v -> Math.round(10 * v) / 10.0).toArray();
    }
}
