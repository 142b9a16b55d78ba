package dev.isoflop.image;

import dev.isoflop.recipe.Table;

import java.util.List;

/// A view as a recipe's table says it; what the table leaves out is the method's.
///
/// Pure: reading it loads no native library.
public final class ViewSettings {

    private static final double LEAST_SCALE = 0.08; // Inception's, for crops of another kind
    private static final double GREATEST_SCALE = 1;
    private static final String MIN_SCALE = "min-scale";
    private static final String MAX_SCALE = "max-scale";
    private static final String BASE = "base";
    private static final String LEAST_FACTOR = "least-factor";
    private static final String MOST_FACTOR = "most-factor";
    private static final String FACTOR_STEP = "factor-step";

    private ViewSettings() {}

    /// How the part that a view shows is chosen: `random-resized`, `clamped`, `distorted-box`,
    /// `random-square`, `central`, `random-window` or `central-window`.
    private enum Kind {
        RANDOM_RESIZED,
        CLAMPED,
        DISTORTED_BOX,
        RANDOM_SQUARE,
        CENTRAL,
        RANDOM_WINDOW,
        CENTRAL_WINDOW;

        static Kind of(Crop crop) {
            return switch (crop) {
                case Crop.RandomResized _ -> RANDOM_RESIZED;
                case Crop.Clamped _ -> CLAMPED;
                case Crop.DistortedBox _ -> DISTORTED_BOX;
                case Crop.RandomSquare _ -> RANDOM_SQUARE;
                case Crop.Central _ -> CENTRAL;
                case Window.Random _ -> RANDOM_WINDOW;
                case Window.Central _ -> CENTRAL_WINDOW;
            };
        }
    }

    /// Reads a view.
    ///
    /// @param fallback the method's own, whose size is kept
    public static View from(Table t, View fallback) {
        return t.build(() ->
                new View(
                        fallback.size(),
                        crop(t, fallback.crop(), fallback.size()),
                        t.choice("resampling", fallback.resampling()),
                        t.real("flip", fallback.flip()),
                        colour(t, fallback.colour())));
    }

    private static Crop crop(Table t, Crop fallback, int size) {
        List.of(MIN_SCALE, MAX_SCALE, BASE, LEAST_FACTOR, MOST_FACTOR, FACTOR_STEP)
                .forEach(t::isTable); // known, so that a recipe hears which do nothing
        return switch (t.choice("crop", Kind.of(fallback))) {
            case RANDOM_RESIZED -> {
                double[] scales = scales(t, fallback);
                yield Crop.RandomResized.of(scales[0], scales[1]);
            }
            case CLAMPED -> {
                double[] scales = scales(t, fallback);
                Crop.Clamped byol = Crop.Clamped.byol();
                yield new Crop.Clamped(scales[0], scales[1], byol.minRatio(), byol.maxRatio());
            }
            case DISTORTED_BOX -> {
                double[] scales = scales(t, fallback);
                Crop.DistortedBox simClr = Crop.DistortedBox.simClr();
                yield new Crop.DistortedBox(
                        scales[0],
                        scales[1],
                        simClr.minRatio(),
                        simClr.maxRatio(),
                        simClr.minCovered());
            }
            case RANDOM_SQUARE -> new Crop.RandomSquare();
            case CENTRAL ->
                    fallback instanceof Crop.Central central ? central : Crop.Central.imageNet();
            case RANDOM_WINDOW -> {
                Window.Random usual =
                        fallback instanceof Window.Random random ? random : Window.Random.of(size);
                yield new Window.Random(
                        size,
                        t.count(BASE, usual.base()),
                        t.real(LEAST_FACTOR, usual.leastFactor()),
                        t.real(MOST_FACTOR, usual.mostFactor()),
                        t.real(FACTOR_STEP, usual.factorStep()));
            }
            case CENTRAL_WINDOW -> {
                Window.Central usual =
                        fallback instanceof Window.Central window
                                ? window
                                : Window.Central.of(size);
                yield new Window.Central(size, t.count(BASE, usual.base()));
            }
        };
    }

    /// The least and the greatest share of the image's area.
    private static double[] scales(Table t, Crop fallback) {
        double least = LEAST_SCALE;
        double greatest = GREATEST_SCALE;
        switch (fallback) {
            case Crop.RandomResized(double min, double max, _, _) -> {
                least = min;
                greatest = max;
            }
            case Crop.Clamped(double min, double max, _, _) -> {
                least = min;
                greatest = max;
            }
            case Crop.DistortedBox(double min, double max, _, _, _) -> {
                least = min;
                greatest = max;
            }
            case Crop.RandomSquare _, Crop.Central _, Window _ -> {}
        }
        return new double[] {t.real(MIN_SCALE, least), t.real(MAX_SCALE, greatest)};
    }

    private static Colour colour(Table t, Colour fallback) {
        Colour.Jitter jitter = fallback.jitter();
        Colour.Blur blur = fallback.blur();
        Colour.Solarise solarise = fallback.solarise();
        return new Colour(
                t.choice("arithmetic", fallback.arithmetic()),
                new Colour.Jitter(
                        t.real("jitter", jitter.share()),
                        t.choice("brightness-kind", jitter.kind()),
                        t.real("brightness", jitter.brightness()),
                        t.real("contrast", jitter.contrast()),
                        t.real("saturation", jitter.saturation()),
                        t.real("hue", jitter.hue())),
                t.real("grayscale", fallback.grayscale()),
                new Colour.Blur(
                        t.real("blur", blur.share()),
                        t.choice("blur-kind", blur.kernel()),
                        t.real("blur-min", blur.leastSigma()),
                        t.real("blur-max", blur.mostSigma())),
                new Colour.Solarise(
                        t.real("solarise", solarise.share()),
                        t.real("solarise-threshold", solarise.threshold())),
                t.real("apply", fallback.apply()));
    }
}
