package dev.isoflop.run;

import dev.isoflop.budget.Work;

import org.jspecify.annotations.Nullable;

import java.time.Instant;

/// Where a run's figures come from: all that is needed to judge them, or to get them again.
///
/// @param name the run's name
/// @param method how it pre-trains, for people: "MAE, mask ratio 0.75"
/// @param encoder what it trains: "ViT-S/16, 21.7 M parameters"
/// @param data what it learns from: "Tiny-ImageNet, 100,000 images"
/// @param isoflop version of isoflop
/// @param commit the commit it was built from, if known
/// @param jdk version and vendor of Java
/// @param os operating system with its version and architecture
/// @param libtorch version of libtorch
/// @param device name of the processor or accelerator that did the work
/// @param devices how many of them
/// @param cores cores the machine has
/// @param threads threads libtorch was given
/// @param precision of the matrix products: "f32", "bf16"
/// @param peak the rate that shares of peak refer to, if it was measured
/// @param recipeSha256 checksum of recipe.yaml
/// @param seed of every random choice
/// @param started when the run was first started
/// @param plannedSteps whole steps the budget buys
/// @param batch images of one step
/// @param derivation how the price of the whole run comes about
/// @param again what runs once more for each image because a batch goes through in cuts: executed,
///   but no part of the price
public record Provenance(
        String name,
        String method,
        String encoder,
        String data,
        String isoflop,
        @Nullable String commit,
        String jdk,
        String os,
        String libtorch,
        String device,
        int devices,
        int cores,
        int threads,
        String precision,
        @Nullable Peak peak,
        String recipeSha256,
        long seed,
        Instant started,
        long plannedSteps,
        int batch,
        Work derivation,
        Work again) {

    /// The rate of matrix products that a machine reached by itself.
    ///
    /// @param flopsPerSecond multiply and add counted as two
    /// @param how what was multiplied, in which precision and for how long
    public record Peak(double flopsPerSecond, String how) {}
}
