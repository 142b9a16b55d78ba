package dev.isoflop.image;

import java.util.random.RandomGenerator;

/// Which part of an image a view shows.
public sealed interface Crop {

    /// The part to cut out of an image of this size, in pixels; within the image.
    Box box(int width, int height, RandomGenerator random);

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
            if (!(minScale > 0 && minScale <= maxScale && maxScale <= 1)) {
                throw new IllegalArgumentException(
                        "minScale is %s, maxScale %s; write two shares of the image's area between 0 and 1, the smaller first"
                                .formatted(minScale, maxScale));
            }
            if (!(minRatio > 0 && minRatio <= maxRatio && maxRatio < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException(
                        "the crop's ratio is %s to %s; write two positive ratios of width to height, the smaller first"
                                .formatted(minRatio, maxRatio));
            }
        }

        /// MAE's: a fifth of the image or more.
        public static RandomResized mae() {
            return new RandomResized(0.2, 1, 3.0 / 4, 4.0 / 3);
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
