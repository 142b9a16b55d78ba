package dev.isoflop.architecture;

import dev.isoflop.data.Source;
import dev.isoflop.fault.InputException;
import dev.isoflop.finetune.FineTuneRecipe;
import dev.isoflop.method.Method;
import dev.isoflop.pretrain.PretrainRecipe;
import dev.isoflop.recipe.Table;
import dev.isoflop.task.Protocol;
import dev.isoflop.task.Task;
import dev.isoflop.torch.Optimiser;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/// The keys that a recipe may have: those that its table was asked for.
///
/// What a recipe may be made of is listed where it is written: methods, sources, optimisers, tasks
/// and protocols are those that their own files name.
final class RecipeKeys {

    /// A key that every source of its kind needs, and keys that some need; that others refuse them
    /// is said last, when all was asked for.
    private static final String DATA = "{kind: %s, path: images, masks: masks, captions: c.json}";

    private static final String OPTIMISER = "{kind: %s, clip: 1, decay: polynomial}";

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
        var keys = new Keys(shortest, PretrainRecipe::from);
        keys.with("encoder", List.of("{width: 8, depth: 1, heads: 1, patch: 8}"));
        keys.with("method", each(Method.Config.NAMES, "{name: %s}"));
        keys.with("data", each(Source.KINDS, DATA));
        keys.with("optimiser", each(Optimiser.Settings.NAMES, OPTIMISER));
        keys.with("cost", List.of("{on: tpu-v3}"));
        List.of("view", "checkpoints", "probe").forEach(table -> keys.with(table, List.of("{}")));
        keys.asked.add("vary"); // of a study, whose runs are without it
        return keys.asked;
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
        var keys = new Keys(shortest, FineTuneRecipe::from);
        keys.with("task", each(Task.Config.NAMES, "{name: %s}"));
        keys.with("evaluation", each(protocols(), "{protocol: %s}"));
        keys.with("cost", List.of("{on: tpu-v3}"));
        List.of("view", "checkpoints", "search", "optimiser")
                .forEach(table -> keys.with(table, List.of("{}")));
        keys.asked.removeIf(key -> key.startsWith("validation.")); // as those of data
        return keys.asked;
    }

    /// Every key of a recipe of either kind.
    static Set<String> all() {
        var keys = new TreeSet<>(known());
        keys.addAll(ofFineTuning());
        return keys;
    }

    private static List<String> protocols() {
        return Arrays.stream(Protocol.class.getPermittedSubclasses())
                .map(type -> type.getSimpleName().toLowerCase(Locale.ROOT))
                .toList();
    }

    private static List<String> each(List<String> names, String table) {
        return names.stream().map(table::formatted).toList();
    }

    /// What recipes like the shortest one are asked for.
    private static final class Keys {

        private final Table shortest;
        private final Consumer<Table> reader;
        private final Set<String> asked = new TreeSet<>();

        Keys(Table shortest, Consumer<Table> reader) {
            this.shortest = shortest;
            this.reader = reader;
            read(shortest);
        }

        /// Reads recipes that have these in the place of a table.
        void with(String key, List<String> tables) {
            tables.forEach(table -> read(shortest.with(key, table)));
        }

        private void read(Table recipe) {
            try {
                reader.accept(recipe);
            } catch (InputException e) {
                // a key too many for this one; all that it may have was asked for by then
            }
            asked.addAll(recipe.asked());
        }
    }
}
