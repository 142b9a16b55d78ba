package dev.isoflop.run;

import com.fasterxml.jackson.annotation.JsonUnwrapped;

import dev.isoflop.budget.Estimate;
import dev.isoflop.budget.Work;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/// Where a run's figures come from: all that is needed to judge them, or to get them again.
///
/// In `provenance.json` the components of [Subject], [Software], [Hardware] and [Planned] stand
/// beside the others: the file is flat.
///
/// @param subject what is trained, how and on what
/// @param software that does it
/// @param hardware that does it
/// @param precision of the matrix products: "f32", "bf16"
/// @param peak the rate that shares of peak refer to, if it was measured
/// @param recipeSha256 checksum of recipe.yaml
/// @param seed of every random choice
/// @param started when the run was first started
/// @param planned what the budget buys
/// @param electricity how its energy is measured or estimated, and what becomes of it; null in a
///   run older than this record
/// @param cards what its data are, by what the run does with them: `training`, `validation`; none
///   in a run older than these
public record Provenance(
        @JsonUnwrapped Subject subject,
        @JsonUnwrapped Software software,
        @JsonUnwrapped Hardware hardware,
        String precision,
        @Nullable Peak peak,
        String recipeSha256,
        long seed,
        Instant started,
        @JsonUnwrapped Planned planned,
        @Nullable Electricity electricity,
        Map<String, DataCard> cards) {

    public Provenance {
        Objects.requireNonNull(precision, "precision");
        Objects.requireNonNull(recipeSha256, "recipeSha256");
        Objects.requireNonNull(started, "started");
        Map<String, DataCard> known = Objects.requireNonNullElse(cards, Map.of());
        cards = Collections.unmodifiableMap(new TreeMap<>(known));
    }

    /// The same run, of whose energy and data this is known.
    public Provenance with(Electricity known, Map<String, DataCard> data) {
        return new Provenance(
                subject,
                software,
                hardware,
                precision,
                peak,
                recipeSha256,
                seed,
                started,
                planned,
                known,
                data);
    }

    /// What a run trains, for people.
    ///
    /// @param name the run's name
    /// @param method how it pre-trains: "MAE, mask ratio 0.75"
    /// @param encoder what it trains: "ViT-S/16, 21.7 M parameters"
    /// @param data what it learns from: "Tiny-ImageNet, 100,000 images"
    public record Subject(String name, String method, String encoder, String data) {

        public Subject {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(method, "method");
            Objects.requireNonNull(encoder, "encoder");
            Objects.requireNonNull(data, "data");
        }
    }

    /// What runs it.
    ///
    /// @param isoflop version of isoflop
    /// @param commit the commit it was built from, if known
    /// @param jdk version and vendor of Java
    /// @param os operating system with its version and architecture
    /// @param libtorch version of libtorch
    public record Software(
            String isoflop, @Nullable String commit, String jdk, String os, String libtorch) {

        public Software {
            Objects.requireNonNull(isoflop, "isoflop");
            Objects.requireNonNull(jdk, "jdk");
            Objects.requireNonNull(os, "os");
            Objects.requireNonNull(libtorch, "libtorch");
        }
    }

    /// What it runs on.
    ///
    /// @param device name of the processor or accelerator that does the work
    /// @param devices how many of them
    /// @param cores cores the machine has
    /// @param threads threads libtorch was given
    public record Hardware(String device, int devices, int cores, int threads) {

        public Hardware {
            Objects.requireNonNull(device, "device");
        }
    }

    /// What the budget buys, and what that costs.
    ///
    /// @param plannedSteps whole steps
    /// @param batch images of one step
    /// @param derivation how the price of the whole run comes about
    /// @param again what runs once more for each image because a batch goes through in cuts:
    ///   executed, but no part of the price
    public record Planned(long plannedSteps, int batch, Work derivation, Work again) {

        public Planned {
            Objects.requireNonNull(derivation, "derivation");
        }
    }

    /// The rate of matrix products that a machine reached by itself.
    ///
    /// @param flopsPerSecond multiply and add counted as two
    /// @param how what was multiplied, in which precision and for how long
    public record Peak(double flopsPerSecond, String how) {

        public Peak {
            Objects.requireNonNull(how, "how");
        }
    }

    /// How a run's energy is measured, or estimated without a meter, and what it means.
    ///
    /// @param meters that were read when the run began
    /// @param absent those that might have been, each with the reason
    /// @param power that all devices of the run are said to draw, in W; null if nobody says
    /// @param grid where the electricity comes from, for people
    /// @param intensity of that grid, in g CO2e/kWh
    /// @param pue what the building draws by what the machine draws
    /// @param embodied in kg CO2e an hour of the run: the share of making its devices; null if
    ///   nobody says
    public record Electricity(
            List<Meter> meters,
            List<String> absent,
            @Nullable Estimate power,
            String grid,
            Estimate intensity,
            Estimate pue,
            @Nullable Estimate embodied) {

        public Electricity {
            meters = List.copyOf(Objects.requireNonNull(meters, "meters"));
            absent = List.copyOf(Objects.requireNonNull(absent, "absent"));
            Objects.requireNonNull(grid, "grid");
            Objects.requireNonNull(intensity, "intensity");
            Objects.requireNonNull(pue, "pue");
        }
    }

    /// A meter of a run.
    ///
    /// @param name by which measurements refer to it
    /// @param scope what it counts, and whose
    /// @param how it counts
    /// @param error how far a count may be off, as a share, where its maker says so; else null
    /// @param idleWatts the power it showed just before the run began; null if it was not asked
    public record Meter(
            String name,
            String scope,
            String how,
            @Nullable Double error,
            @Nullable Double idleWatts) {

        public Meter {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(scope, "scope");
            Objects.requireNonNull(how, "how");
        }
    }
}
