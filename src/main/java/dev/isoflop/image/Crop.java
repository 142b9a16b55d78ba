package dev.isoflop.image;

import dev.isoflop.fault.Check;

import java.util.random.RandomGenerator;

/// Which part of an image a view shows, and at which size.
public sealed interface Crop
        permits Crop.RandomResized,
                Crop.Clamped,
                Crop.DistortedBox,
                Crop.RandomSquare,
                Crop.Central,
                Window {

    /// The part to cut out of an image of this size, in pixels; within the image.
    Box box(int width, int height, RandomGenerator random);

    /// The same part, and the size at which a view of this side shows it: the whole view, but for a
    /// {@link Window}.
    default Frame frame(int width, int height, int size, RandomGenerator random) {
        return new Frame(box(width, height, random), size, size);
    }

    /// A random part of random shape: Inception's crop, as torchvision's `RandomResizedCrop` draws
    /// it.
    ///
    /// The area is uniform in `[minScale, maxScale]` of the image, the aspect ratio (width to
    /// height) log-uniform in `[minRatio, maxRatio]`; ten attempts to fit it, then the largest
    /// central part within the ratios.
    record RandomResized(double minScale, double maxScale, double minRatio, double maxRatio)
            implements Crop {

        private static final int ATTEMPTS = 10; // torchvision's

        public RandomResized {
            Range.scales(minScale, maxScale);
            Range.ratios(minRatio, maxRatio);
        }

        /// With torchvision's ratios, 3/4 to 4/3.
        public static RandomResized of(double minScale, double maxScale) {
            return new RandomResized(minScale, maxScale, 3.0 / 4, 4.0 / 3);
        }

        /// MAE's: a fifth of the image or more.
        public static RandomResized mae() {
            return of(0.2, 1);
        }

        @Override
        public Box box(int width, int height, RandomGenerator random) {
            double area = (double) width * height;
            double logMin = StrictMath.log(minRatio);
            double logMax = StrictMath.log(maxRatio);
            for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                double target = area * (minScale + (maxScale - minScale) * random.nextDouble());
                double ratio = StrictMath.exp(logMin + (logMax - logMin) * random.nextDouble());
                int w = (int) Math.rint(Math.sqrt(target * ratio));
                int h = (int) Math.rint(Math.sqrt(target / ratio));
                if (w > 0 && w <= width && h > 0 && h <= height) {
                    int y = random.nextInt(height - h + 1);
                    int x = random.nextInt(width - w + 1);
                    return new Box(x, y, w, h);
                }
            }
            return central(width, height);
        }

        private Box central(int width, int height) {
            double ratio = (double) width / height;
            int w = width;
            int h = height;
            if (ratio < minRatio) {
                h = Math.clamp((long) Math.rint(width / minRatio), 1, height);
            } else if (ratio > maxRatio) {
                w = Math.clamp((long) Math.rint(height * maxRatio), 1, width);
            }
            return new Box((width - w) / 2, (height - h) / 2, w, h);
        }
    }

    /// A random part of random shape, drawn once: BYOL's.
    ///
    /// Area and aspect ratio are drawn as by {@link RandomResized}; a side that is longer than the
    /// image's becomes the image's.
    ///
    /// Reference: `_decode_and_random_crop` of the authors' `dataset.py`.
    record Clamped(double minScale, double maxScale, double minRatio, double maxRatio)
            implements Crop {

        public Clamped {
            Range.scales(minScale, maxScale);
            Range.ratios(minRatio, maxRatio);
        }

        /// 8% of the image or more.
        public static Clamped byol() {
            return new Clamped(0.08, 1, 3.0 / 4, 4.0 / 3);
        }

        @Override
        public Box box(int width, int height, RandomGenerator random) {
            double area = Range.between(random, minScale, maxScale) * width * height;
            double logMin = StrictMath.log(minRatio);
            double logMax = StrictMath.log(maxRatio);
            double ratio = StrictMath.exp(Range.between(random, logMin, logMax));
            int w = Math.clamp((long) Math.rint(Math.sqrt(area * ratio)), 1, width);
            int h = Math.clamp((long) Math.rint(Math.sqrt(area / ratio)), 1, height);
            int x = random.nextInt(width - w + 1);
            int y = random.nextInt(height - h + 1);
            return new Box(x, y, w, h);
        }
    }

    /// A random part of random shape: TensorFlow's `sample_distorted_bounding_box` of the whole
    /// image, SimCLR's.
    ///
    /// The aspect ratio (width to height) is uniform, then the height between those of the least
    /// and the greatest area. Parts that cover less than `minCovered` of the image are drawn again;
    /// so SimCLR, whose least area is 8%, in truth shows a tenth or more.
    ///
    /// Reference: TensorFlow's `sample_distorted_bounding_box_op.cc`, which never shows the last
    /// row or column of pixels unless it shows all rows or columns.
    ///
    /// @param minCovered share of the image, 0 to 1
    record DistortedBox(
            double minScale, double maxScale, double minRatio, double maxRatio, double minCovered)
            implements Crop {

        private static final int ATTEMPTS = 100; // TensorFlow's and SimCLR's

        public DistortedBox {
            Range.scales(minScale, maxScale);
            Range.ratios(minRatio, maxRatio);
            Check.that(
                    minCovered >= 0 && minCovered <= maxScale,
                    "minCovered is %s; write a share from 0 to maxScale, %s",
                    minCovered,
                    maxScale);
        }

        /// 8% of the image or more, if it covers a tenth.
        public static DistortedBox simClr() {
            return new DistortedBox(0.08, 1, 3.0 / 4, 4.0 / 3, 0.1);
        }

        @Override
        public Box box(int width, int height, RandomGenerator random) {
            double area = (double) width * height;
            for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                double ratio = Range.between(random, minRatio, maxRatio);
                int tallest = (int) Math.rint(Math.sqrt(maxScale * area / ratio));
                int widest = (int) ((width + 0.5) / ratio); // what rounds to the image's width
                int most = Math.min(Math.min(tallest, widest), height);
                int least = Math.min((int) Math.rint(Math.sqrt(minScale * area / ratio)), most);
                int h = least + random.nextInt(most - least + 1);
                if (h * Math.rint(h * ratio) < minScale * area) {
                    h++; // rounding took it out of range
                }
                if (h * Math.rint(h * ratio) > maxScale * area) {
                    h--;
                }
                int w = (int) Math.rint(h * ratio);
                double share = w * h / area;
                boolean fits = w >= 1 && h >= 1 && w <= width && h <= height;
                if (fits && share >= Math.max(minScale, minCovered) && share <= maxScale) {
                    int y = h < height ? random.nextInt(height - h) : 0;
                    int x = w < width ? random.nextInt(width - w) : 0;
                    return new Box(x, y, w, h);
                }
            }
            return new Box(0, 0, width, height);
        }
    }

    /// A square of the image's shorter side, anywhere along the longer: CLIP's random square crop
    /// of the resized image, up to rounding.
    record RandomSquare() implements Crop {

        @Override
        public Box box(int width, int height, RandomGenerator random) {
            int side = Math.min(width, height);
            int x = random.nextInt(width - side + 1);
            int y = random.nextInt(height - side + 1);
            return new Box(x, y, side, side);
        }
    }

    /// The square in the middle; nothing random.
    ///
    /// Resizing an image's shorter side to `size / share` and cutting `size x size` from the middle
    /// is the same up to the rounding of the square to whole pixels.
    ///
    /// @param share the square's side as a share of the image's shorter side
    record Central(double share) implements Crop {

        public Central {
            if (!(share > 0 && share <= 1)) {
                throw new IllegalArgumentException(
                        "the central crop's share is %s; it must lie above 0 and at most at 1"
                                .formatted(share));
            }
        }

        /// The usual one of ImageNet's evaluation: 224 of 256.
        public static Central imageNet() {
            return new Central(0.875);
        }

        @Override
        public Box box(int width, int height, RandomGenerator random) {
            int side = Math.max(1, (int) Math.rint(share * Math.min(width, height)));
            return new Box((width - side) / 2, (height - side) / 2, side, side);
        }
    }
}
