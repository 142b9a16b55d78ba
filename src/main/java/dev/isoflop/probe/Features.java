package dev.isoflop.probe;

import dev.isoflop.budget.Precision;
import dev.isoflop.data.Identity;
import dev.isoflop.data.loader.Chunk;
import dev.isoflop.data.loader.Item;
import dev.isoflop.data.loader.Loader;
import dev.isoflop.data.loader.Shuffle;
import dev.isoflop.fault.InputException;
import dev.isoflop.fault.RunException;
import dev.isoflop.files.Reason;
import dev.isoflop.files.Sha256;
import dev.isoflop.image.View;
import dev.isoflop.run.RunListener;
import dev.isoflop.run.Stop;
import dev.isoflop.torch.Engine;
import dev.isoflop.torch.Ops;
import dev.isoflop.torch.Safetensors;
import dev.isoflop.train.LoaderBatches;
import dev.isoflop.vit.Feature;
import dev.isoflop.vit.Vit;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.io.IOException;
import java.nio.LongBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/// The features of a part's images, which a frozen encoder computes once and which are kept.
///
/// Shapes: N images that could be read, B at once, D width.
///
/// @param values `[N, D]`, in 32 bits on the CPU
/// @param truth what these images show
/// @param broken images that could not be read
/// @param computed images that went through the encoder now
/// @param seconds that computing or reading took
public record Features(Tensor values, GroundTruth truth, int broken, int computed, double seconds) {

    private static final int CHUNKS_AHEAD = 3;
    private static final String VALUES = "features";
    private static final String ROWS = "rows";
    private static final String FORMAT = "3";

    /// A frozen encoder and how images are shown to it.
    ///
    /// @param vit the network, on its device
    /// @param feature where it is read
    /// @param view of each image
    /// @param batch images at once
    /// @param workers threads that decode and crop
    /// @param brokenShare of the images that may be broken
    public record Frozen(
            Vit vit,
            Device device,
            Precision precision,
            Feature feature,
            View view,
            int batch,
            int workers,
            double brokenShare) {

        /// Another network, shown images as this one is.
        ///
        /// @param other on the CPU
        Frozen with(Vit other) {
            other.to(device, Engine.parameterType(precision), false);
            other.eval();
            return new Frozen(other, device, precision, feature, view, batch, workers, brokenShare);
        }

        /// The same read elsewhere, after the last block.
        Frozen reading(Vit.Pool pool) {
            return new Frozen(
                    vit,
                    device,
                    precision,
                    new Feature(pool, vit.shape().depth()),
                    view,
                    batch,
                    workers,
                    brokenShare);
        }

        /// How the view reads in a report.
        String viewInWords() {
            return "central crop of " + view.size();
        }

        /// How the feature reads in a report: `mean of patches`, `class token after block 2 of 4`.
        String featureInWords() {
            String tokens = feature.pool().name().toLowerCase(Locale.ROOT).replace('_', ' ');
            int depth = vit.shape().depth();
            return feature.block() == depth
                    ? tokens
                    : "%s after block %d of %d".formatted(tokens, feature.block(), depth);
        }

        /// How the precision reads in a report.
        String precisionInWords() {
            return precision.name().toLowerCase(Locale.ROOT);
        }
    }

    /// Images whose features were read again.
    int reused() {
        return computed == 0 ? truth.rows() : 0;
    }

    /// Keeps features in a folder, each part's under the checksum of all that decides them.
    ///
    /// @param folder that keeps features
    /// @param encoder whatever decides its numbers: the checksum of its file, or which untrained
    ///   one it is
    /// @param word what they are called: `features`
    /// @param to is told what is read again, and how far the work is
    /// @param stop is asked between images
    record Kept(Path folder, String encoder, String word, RunListener to, Stop stop) {

        /// What the file of a part's features is called by.
        String key(ProbeData.Part part, Frozen frozen) {
            return Features.key(part, frozen, encoder);
        }

        /// The features of a part, from the folder or computed and put there.
        ///
        /// @return nothing if it was to stop before all were computed; none are kept then
        Optional<Features> of(ProbeData.Part part, Frozen frozen) {
            long start = System.nanoTime();
            Path file = folder.resolve(key(part, frozen) + ".safetensors");
            if (Files.exists(file)) {
                try {
                    Map<String, Tensor> tensors = Safetensors.read(file);
                    Features features = restored(file, tensors, part, start);
                    to.said("%-11s of %s: read again from %s".formatted(word, part.name(), file));
                    return Optional.of(features);
                } catch (InputException e) {
                    to.said("%-11s are computed anew: %s".formatted(word, e.getMessage()));
                }
            }
            List<Integer> rows = new ArrayList<>();
            Optional<Features> features = computed(part, frozen, rows, this);
            features.ifPresent(computed -> keep(file, computed, rows));
            return features;
        }

        private void keep(Path file, Features features, List<Integer> rows) {
            double[] places = rows.stream().mapToDouble(Integer::doubleValue).toArray();
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            tensors.put(VALUES, features.values);
            tensors.put(ROWS, Ops.tensor(places, places.length).to(ScalarType.Long));
            try {
                KeptFile.put(
                        file,
                        partial -> {
                            String _ = Safetensors.write(partial, tensors, Map.of());
                        });
            } catch (IOException e) {
                to.said("%-11s are not kept: %s: %s".formatted(word, file, Reason.of(e)));
            }
        }
    }

    /// The features of a part, computed now.
    static Features of(ProbeData.Part part, Frozen frozen) {
        Kept none = new Kept(Path.of(""), "", VALUES, RunListener.NONE, Stop.NEVER);
        return computed(part, frozen, new ArrayList<>(), none).orElseThrow();
    }

    /// Whatever decides the numbers, as a checksum.
    private static String key(ProbeData.Part part, Frozen frozen, String encoder) {
        String key =
                String.join(
                        "\n",
                        FORMAT,
                        encoder,
                        part.images().name(),
                        part.fingerprint(),
                        Identity.of(part.images()).card().digest(),
                        frozen.view.toString(),
                        frozen.feature.toString(),
                        frozen.precision.toString());
        return Sha256.of(key.getBytes(StandardCharsets.UTF_8));
    }

    private static Features restored(
            Path file, Map<String, Tensor> tensors, ProbeData.Part part, long start) {
        Tensor values = tensors.get(VALUES);
        Tensor places = tensors.get(ROWS);
        if (values == null || places == null || values.size(0) != places.numel()) {
            throw new InputException(file + " holds no features");
        }
        LongBuffer numbers = places.createBuffer();
        int n = Math.toIntExact(places.numel());
        List<Integer> rows =
                IntStream.range(0, n).mapToObj(i -> Math.toIntExact(numbers.get(i))).toList();
        int all = part.truth().rows();
        if (rows.stream().anyMatch(row -> row < 0 || row >= all)) {
            throw new InputException(file + " holds features of other images");
        }
        return new Features(values, truth(part, rows), all - n, 0, seconds(start));
    }

    private static GroundTruth truth(ProbeData.Part part, List<Integer> rows) {
        return new GroundTruth(
                rows.stream().map(row -> part.truth().labels().get(row)).toList(),
                part.truth().classes());
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    /// Shows every image once; what cannot be read is left out, and nothing stands for it.
    ///
    /// @param rows of the part, filled with those that could be read
    /// @param kept who is told how far they are, and asked whether to stop
    /// @return nothing if it was to stop before the last
    private static Optional<Features> computed(
            ProbeData.Part part, Frozen frozen, List<Integer> rows, Kept kept) {
        long start = System.nanoTime();
        int n = part.images().size();
        Loader.Settings settings =
                new Loader.Settings(
                        n, frozen.batch, 0, frozen.workers, CHUNKS_AHEAD, frozen.brokenShare);
        Shuffle order = new Shuffle(settings.seed(), n);
        long[] shape = {n, frozen.vit.shape().width()};
        Tensor values =
                torch.zeros(shape, Ops.options(Engine.device("cpu"), ScalarType.Float)); // [N, D]
        try (Loader loader = new Loader(part.images(), List.of(frozen.view), settings, 0, n)) {
            for (int taken = 0; taken < n; ) {
                if (kept.stop.wanted()) {
                    return Optional.empty();
                }
                try (PointerScope _ = new PointerScope();
                        Chunk chunk = loader.take()) {
                    take(part, chunk, order, frozen, values, rows);
                    taken += chunk.size();
                    kept.to.progress(kept.word + " of " + part.name(), taken, n);
                }
            }
        }
        Tensor all = values.narrow(0, 0, rows.size()); // [N, D]
        if (rows.isEmpty()) {
            throw new RunException(
                    "none of the " + n + " images of " + part.name() + " could be read");
        }
        try (PointerScope _ = new PointerScope()) {
            if (!torch.isfinite(all).all().item_bool()) {
                throw new RunException(
                        "the encoder's features of "
                                + part.name()
                                + " are not finite; probe an earlier checkpoint, or another"
                                + " precision");
            }
        }
        return Optional.of(
                new Features(all, truth(part, rows), n - rows.size(), n, seconds(start)));
    }

    /// One chunk through the encoder: `[B, 3, S, S]` to rows of the features.
    private static void take(
            ProbeData.Part part,
            Chunk chunk,
            Shuffle order,
            Frozen frozen,
            Tensor values,
            List<Integer> rows) {
        Tensor images = LoaderBatches.pixels(chunk, 0, frozen.view.size()); // [B, 3, S, S]
        Tensor features = features(frozen, images); // [B, D]
        for (int i = 0; i < chunk.size(); i++) {
            Item item = chunk.items().get(i);
            int row = order.index(item.number());
            if (part.images().nameOf(row).equals(item.name())) { // else it stands for a broken one
                values.select(0, rows.size()).copy_(features.select(0, i));
                rows.add(row);
            }
        }
    }

    private static Tensor features(Frozen frozen, Tensor images) {
        try (NoGradGuard _ = new NoGradGuard();
                Engine.Autocast _ = Engine.autocast(frozen.device, frozen.precision)) {
            Tensor here = images.to(frozen.device, Engine.parameterType(frozen.precision));
            return frozen.vit
                    .forward(here, frozen.feature)
                    .to(Engine.device("cpu"), ScalarType.Float); // [B, D]
        }
    }
}
