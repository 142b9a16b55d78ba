package dev.isoflop.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What stands above the recipes of the study: the command, what the plan says of it, and what the
/// paper found.
class PaperHeadersTest {

    private static final Path PAPER = Path.of("recipes/paper");

    /// Of tables 1 and 2, by hand: mIoU on ADE20K and box AP on COCO.
    private static final Map<String, String> FOUND =
            Map.ofEntries(
                    Map.entry("byol-imagenet-1k", "41.7 40.0"),
                    Map.entry("byol-coco", "37.1 39.2"),
                    Map.entry("byol-imagenet-21k", "42.4 40.3"),
                    Map.entry("byol-jft", "40.3 39.1"),
                    Map.entry("byol-align", "35.1 27.9"),
                    Map.entry("simclr-imagenet-1k", "44.0 42.0"),
                    Map.entry("simclr-coco", "38.9 41.7"),
                    Map.entry("simclr-imagenet-21k", "42.9 41.2"),
                    Map.entry("simclr-jft", "42.9 40.3"),
                    Map.entry("simclr-align", "43.3 35.6"),
                    Map.entry("mae-imagenet-1k", "42.3 44.8"),
                    Map.entry("mae-coco", "41.0 44.6"),
                    Map.entry("mae-imagenet-21k", "40.5 43.1"),
                    Map.entry("mae-jft", "40.6 42.6"),
                    Map.entry("mae-align", "42.3 44.2"),
                    Map.entry("dino-imagenet-1k", "36.7 32.8"),
                    Map.entry("dino-coco", "31.4 29.8"),
                    Map.entry("dino-imagenet-21k", "34.2 33.2"),
                    Map.entry("dino-jft-long", "29.2 30.9"), // with the asterisk
                    Map.entry("dino-align", "32.2 32.3"));

    /// Headers by recipe, on one line each.
    private static Map<String, String> headers() throws IOException {
        try (Stream<Path> files = Files.list(PAPER)) {
            Map<String, String> headers = new TreeMap<>();
            for (Path file : files.toList()) {
                String name = file.getFileName().toString().replace(".yaml", "");
                String header =
                        Files.readAllLines(file).stream()
                                .takeWhile(line -> line.startsWith("#"))
                                .map(line -> line.substring(1).strip())
                                .collect(Collectors.joining(" "));
                headers.put(name, header);
            }
            return headers;
        }
    }

    private static List<JsonNode> runs() {
        var out = new StringWriter();
        var err = new StringWriter();
        String[] plan = {"plan", PAPER.toString(), "--json"};
        assertThat(Isoflop.run(new PrintWriter(out, true), new PrintWriter(err, true), plan))
                .as(err.toString())
                .isZero();
        return new JsonMapper().readTree(out.toString()).get("runs").valueStream().toList();
    }

    @Test
    void eachSaysItsCommandAndWhatThePlanSaysOfIt() throws IOException {
        List<JsonNode> all = runs();
        headers()
                .forEach((name, header) -> {
                    List<JsonNode> own =
                            all.stream()
                                    .filter(run -> named(run).matches(name + "-[bl]-16-.*"))
                                    .toList();
                    BigInteger flops =
                            own.stream()
                                    .map(run -> run.get("flops").get("total").bigIntegerValue())
                                    .reduce(BigInteger.ZERO, BigInteger::add);
                    double hours =
                            own.stream().mapToDouble(run -> run.get("hours").asDouble()).sum();
                    String cost =
                            String.format(
                                    Locale.ROOT,
                                    "%d %s, %s FLOP; %,.0f h on 32 TPUv3 chips by the plan's",
                                    own.size(),
                                    own.size() == 1 ? "run" : "runs",
                                    String.format(Locale.ROOT, "%.2e", flops.doubleValue())
                                            .replace("e+", "e"),
                                    hours);
                    assertThat(header)
                            .as(name)
                            .contains("isoflop plan recipes/paper/" + name + ".yaml", cost);
                });
    }

    private static String named(JsonNode run) {
        return run.get("name").asString();
    }

    @Test
    void thoseThatTheTablesShowSayWhatThePaperFoundAndNoOthers() throws IOException {
        headers()
                .forEach((name, header) -> {
                    String found = FOUND.get(name);
                    if (found == null) {
                        assertThat(header).as(name).doesNotContain("Expected", "tables 1 and 2.");
                        return;
                    }
                    String[] two = found.split(" ");
                    assertThat(header)
                            .as(name)
                            .contains(
                                    "%s mIoU on ADE20K (table 1), %s box AP on COCO (table 2)"
                                            .formatted((Object[]) two));
                });
    }

    /// What a header says is shown is what `figures` says.
    @Test
    void whereARunIsShownIsSaidAlikeAboveAndBelow() throws IOException {
        List<JsonNode> all = runs();
        headers()
                .forEach((name, header) -> {
                    List<String> shown =
                            all.stream()
                                    .filter(run -> named(run).matches(name + "-[bl]-16-.*"))
                                    .flatMap(run -> run.get("figures").valueStream())
                                    .map(JsonNode::asString)
                                    .distinct()
                                    .sorted()
                                    .toList();
                    String said =
                            switch (String.join(" ", shown)) {
                                case "" -> "A.3 runs it; no figure or table shows it.";
                                case "table 1 table 2" -> "Shown in tables 1 and 2.";
                                case "figure 1 figure 4" -> "Shown in figures 1 and 4.";
                                case "figure 1 figure 4 table 1 table 2" ->
                                        "Shown in figures 1 and 4, tables 1 and 2.";
                                case "figure 1 figure 2 figure 5" -> "Shown in figures 1, 2 and 5.";
                                case "figure 1 figure 2 figure 5 table 1 table 2" ->
                                        "Shown in figures 1, 2 and 5, tables 1 and 2.";
                                default -> throw new AssertionError(name + " " + shown);
                            };
                    assertThat(header).as(name).contains(said);
                });
    }
}
