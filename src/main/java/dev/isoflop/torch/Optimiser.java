package dev.isoflop.torch;

import org.bytedeco.pytorch.Tensor;

import java.util.Map;

/// What moves parameters along their gradients.
public sealed interface Optimiser permits AdamW, Lars {

    /// The settings of an optimiser, which say which one it is.
    sealed interface Settings permits AdamW.Settings, Lars.Settings {

        /// The weight decay, unless a method schedules it.
        double weightDecay();

        /// The optimiser of these parameters.
        default Optimiser of(Parameters parameters) {
            return switch (this) {
                case AdamW.Settings adamW -> new AdamW(parameters, adamW);
                case Lars.Settings lars -> new Lars(parameters, lars);
            };
        }
    }

    /// Changes the parameters by one step; those without a gradient stay as they are.
    void step(double learningRate, double weightDecay);

    /// What a checkpoint must hold to continue.
    Map<String, Tensor> state();
}
