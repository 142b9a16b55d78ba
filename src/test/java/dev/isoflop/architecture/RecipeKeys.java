package dev.isoflop.architecture;

import static org.assertj.core.api.Assertions.catchThrowable;

import dev.isoflop.finetune.FineTuneRecipe;
import dev.isoflop.pretrain.PretrainRecipe;
import dev.isoflop.recipe.Table;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The keys that a recipe may have, from what it says when there is one that it may not.
final class RecipeKeys {

    private static final String UNKNOWN = "nobody-asks-for-this-key";
    private static final Pattern KNOWN =
            Pattern.compile(" (\\S*)" + UNKNOWN + " is not known here; known are (.*)");

    private static final List<String> TABLES =
            List.of(UNKNOWN, "view." + UNKNOWN, "checkpoints." + UNKNOWN, "probe." + UNKNOWN);
    private static final String COST = "{on: tpu-v3, " + UNKNOWN + ": 1}";
    private static final List<String> METHODS =
            List.of("mae", "dino", "simclr", "byol", "clip", "supervised");
    private static final List<String> OPTIMISERS =
            List.of(
                    "{kind: adamw, clip: 1, decay: polynomial, " + UNKNOWN + ": 1}",
                    "{kind: lars, " + UNKNOWN + ": 1}");
    private static final List<String> ENCODERS =
            List.of("{width: 8, depth: 1, heads: 1, patch: 8, " + UNKNOWN + ": 1}");
    private static final List<String> SOURCES =
            List.of(
                    "{kind: world, " + UNKNOWN + ": 1}",
                    "{kind: folder, path: images, " + UNKNOWN + ": 1}",
                    "{kind: tiny-imagenet, path: images, " + UNKNOWN + ": 1}",
                    "{kind: coco, path: images, captions: c.json, " + UNKNOWN + ": 1}",
                    "{kind: image-text, path: images, " + UNKNOWN + ": 1}",
                    "{kind: ade20k, path: images, " + UNKNOWN + ": 1}",
                    "{kind: image-mask, path: images, masks: m, classes: 2, " + UNKNOWN + ": 1}");

    private RecipeKeys() {}

    /// Every key, with the tables it lies in: `method.mask-ratio`.
    static Set<String> known() {
        Table shortest =
                Table.parse(
                        "short",
                        """
                        name: short
                        method: {name: mae}
                        encoder: B/16
                        data: {kind: world}
                        budget: 1 PFLOP
                        batch: 64
                        """);
        var keys = new TreeSet<String>();
        TABLES.forEach(key -> keys.addAll(refused(shortest.with(key, "1"))));
        ENCODERS.forEach(table -> keys.addAll(refused(shortest.with("encoder", table))));
        METHODS.forEach(name ->
                keys.addAll(
                        refused(
                                shortest.with(
                                        "method", "{name: " + name + ", " + UNKNOWN + ": 1}"))));
        OPTIMISERS.forEach(table -> keys.addAll(refused(shortest.with("optimiser", table))));
        keys.addAll(refused(shortest.with("cost", COST)));
        keys.add("vary"); // of a study, whose runs are without it
        SOURCES.forEach(table -> keys.addAll(refused(shortest.with("data", table))));
        return keys;
    }

    /// Every key of a recipe that fine-tunes.
    static Set<String> ofFineTuning() {
        Table shortest =
                Table.parse(
                        "short",
                        """
                        name: short
                        task: {name: segmentation}
                        encoder: B/16
                        data: {kind: world}
                        validation: {kind: world}
                        """);
        var keys = new TreeSet<String>();
        Stream.of("", "task.", "view.", "checkpoints.", "search.", "optimiser.", "data.")
                .forEach(table -> keys.addAll(refused(shortest.with(table + UNKNOWN, "1"))));
        keys.addAll(refused(shortest.with("cost", COST)));
        for (String protocol : List.of("centre", "whole", "sliding")) {
            String table = "{protocol: " + protocol + ", " + UNKNOWN + ": 1}";
            keys.addAll(refused(shortest.with("evaluation", table)));
        }
        return keys;
    }

    /// Every key of a recipe of either kind.
    static Set<String> all() {
        var keys = new TreeSet<>(known());
        keys.addAll(ofFineTuning());
        return keys;
    }

    private static List<String> refused(Table recipe) {
        Throwable refusal =
                Objects.requireNonNull(
                        catchThrowable(() -> {
                            if (recipe.keys().contains("task")) {
                                FineTuneRecipe.from(recipe);
                            } else {
                                PretrainRecipe.from(recipe);
                            }
                        }));
        Matcher m = KNOWN.matcher(Objects.requireNonNull(refusal.getMessage()));
        if (!m.find()) {
            throw new AssertionError("no list of known keys in: " + refusal.getMessage());
        }
        return Arrays.stream(m.group(2).split(", ")).map(key -> m.group(1) + key).toList();
    }
}
