package dev.isoflop.trainer;

import dev.isoflop.budget.Precision;
import dev.isoflop.data.Dataset;
import dev.isoflop.data.loader.Chunk;
import dev.isoflop.data.loader.Loader;
import dev.isoflop.image.ImageGrid;
import dev.isoflop.image.Raster;
import dev.isoflop.image.View;
import dev.isoflop.report.Figure;
import dev.isoflop.torch.Engine;
import dev.isoflop.torch.Ops;
import dev.isoflop.train.LoaderBatches;
import dev.isoflop.vit.Vit;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/// What an encoder was shown, and what it finds alike: for any method.
public final class EncoderFigures implements Figures {

    private static final int SHOWN = 8; // images of the first figure
    private static final int MOST_VIEWS = 6;
    private static final int COMPARED = 256; // images of the second
    private static final int AT_ONCE = 32;
    private static final int NEIGHBOURS = 5;

    private final Vit encoder;
    private final List<View> views;
    private final long seed;
    private final Precision precision;

    /// @param encoder that is shown
    /// @param views of an image that the learner is shown
    /// @param seed decides which images
    /// @param precision of the encoder's images
    public EncoderFigures(Vit encoder, List<View> views, long seed, Precision precision) {
        this.encoder = encoder;
        this.views = List.copyOf(views);
        this.seed = seed;
        this.precision = precision;
    }

    @Override
    public List<Figure> draw(Dataset data, Device device) {
        return List.of(viewsFigure(data), neighbours(data, device));
    }

    /// The views of a few images, one row a view.
    private Figure viewsFigure(Dataset data) {
        List<View> some = views.subList(0, Math.min(MOST_VIEWS, views.size()));
        int images = Math.min(SHOWN, data.size());
        Loader.Settings settings = new Loader.Settings(images, images, seed, 1, 1, 1);
        List<List<Raster>> rows = new ArrayList<>();
        try (PointerScope _ = new PointerScope();
                Loader loader = new Loader(data, some, settings, 0, images);
                Chunk chunk = loader.take()) {
            for (int view = 0; view < some.size(); view++) {
                rows.add(
                        ImageGrid.rasters(
                                LoaderBatches.pixels(chunk, view, some.get(view).size())));
            }
        }
        String caption =
                String.format(
                        Locale.ROOT,
                        "Rows: %d of the %d views of an image that a step takes, as the method sees"
                                + " them. Images of %s.",
                        some.size(),
                        views.size(),
                        data.name());
        return new Figure("What it is shown", caption, ImageGrid.png(rows));
    }

    /// A few images, each with those whose class token points most nearly the same way.
    private Figure neighbours(Dataset data, Device device) {
        int n = Math.min(COMPARED, data.size());
        List<View> central = List.of(View.central(encoder.shape().image()));
        Loader.Settings settings = new Loader.Settings(n, AT_ONCE, seed, 1, 1, 1);
        List<Raster> pictures = new ArrayList<>();
        List<double[]> features = new ArrayList<>();
        try (Loader loader = new Loader(data, central, settings, 0, n)) {
            while (pictures.size() < n) {
                try (PointerScope _ = new PointerScope();
                        NoGradGuard _ = new NoGradGuard();
                        Chunk chunk = loader.take()) {
                    Tensor images =
                            LoaderBatches.pixels(chunk, 0, encoder.shape().image()); // [B, 3, S, S]
                    pictures.addAll(ImageGrid.rasters(images));
                    Tensor here = images.to(device, Engine.parameterType(precision));
                    features.addAll(Ops.unitRows(encoder.forward(here)));
                }
            }
        }
        List<List<Raster>> rows = new ArrayList<>();
        for (int query = 0; query < Math.min(SHOWN, n); query++) {
            List<Raster> row = new ArrayList<>(List.of(pictures.get(query)));
            nearest(features, query).forEach(i -> row.add(pictures.get(i)));
            rows.add(row);
        }
        String caption =
                String.format(
                        Locale.ROOT,
                        "Left: an image; then the %d of %d others whose class token points most"
                                + " nearly the same way. Images of %s, central crop; these forward"
                                + " passes are not part of the bill.",
                        Math.min(NEIGHBOURS, n - 1),
                        n - 1,
                        data.name());
        return new Figure("What it finds alike", caption, ImageGrid.png(rows));
    }

    private static List<Integer> nearest(List<double[]> features, int query) {
        double[] similarity =
                features.stream().mapToDouble(f -> dot(f, features.get(query))).toArray();
        return IntStream.range(0, similarity.length)
                .boxed()
                .filter(i -> i != query)
                .sorted(Comparator.comparingDouble(i -> -similarity[i]))
                .limit(NEIGHBOURS)
                .toList();
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
