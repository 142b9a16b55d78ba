package dev.isoflop.torch;

import dev.isoflop.recipe.Table;

import org.bytedeco.pytorch.Tensor;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What moves parameters along their gradients.
public sealed interface Optimiser permits AdamW, Lars {

    /// The settings of an optimiser, which say which one it is.
    ///
    /// A new optimiser is named here: in `permits`, twice, in {@link #NAMES} and in {@link #from}.
    sealed interface Settings permits AdamW.Settings, Lars.Settings {

        /// The names of the optimisers, in the order in which they are listed.
        List<String> NAMES = List.of("adamw", "lars");

        /// Reads an optimiser's own keys from the `optimiser` of a recipe.
        ///
        /// @param fallback names the optimiser where the recipe does not, and has what it leaves
        ///   out of the same
        static Settings from(Table t, Settings fallback) {
            return switch (t.choice("kind", NAMES, fallback.name()).toLowerCase(Locale.ROOT)) {
                case "adamw" -> AdamW.Settings.from(t, fallback);
                case "lars" -> Lars.Settings.from(t, fallback);
                default -> throw t.fault("kind", "has no settings");
            };
        }

        /// The name in recipes.
        String name();

        /// The weight decay, unless a method schedules it.
        double weightDecay();

        /// The optimiser of these parameters.
        Optimiser of(Parameters parameters);
    }

    /// Changes the parameters by one step; those without a gradient stay as they are.
    void step(double learningRate, double weightDecay);

    /// What a checkpoint must hold to continue.
    Map<String, Tensor> state();
}
