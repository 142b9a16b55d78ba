package dev.isoflop.image;

import dev.isoflop.train.Masked;

import java.util.Arrays;

/// Pictures with the class of each pixel laid over them in colour.
public final class MaskOverlay {

    private static final double GOLDEN = 0.618034; // of the circle of hues: neighbours differ most
    private static final double SHARE = 0.6; // of the class's colour
    private static final int LEVELS = 3; // of brightness, so that like hues still differ

    private MaskOverlay() {}

    /// A picture with its labels; where there is none it is left as it is, but darker.
    ///
    /// @param labels one a pixel, row by row
    public static Raster of(Raster picture, byte[] labels) {
        byte[] rgb = picture.rgb().clone();
        for (int i = 0; i < labels.length; i++) {
            int label = labels[i] & 0xff;
            int colour = label == Masked.IGNORED ? 0 : colour(label);
            for (int c = 0; c < 3; c++) {
                int own = rgb[3 * i + c] & 0xff;
                int over = colour >> (16 - 8 * c) & 0xff;
                rgb[3 * i + c] = (byte) Math.round((1 - SHARE) * own + SHARE * over);
            }
        }
        return new Raster(picture.width(), picture.height(), rgb);
    }

    /// The colour of a class, as 0xRRGGBB: a hue of its own, at one of three levels.
    static int colour(int label) {
        double hue = label * GOLDEN % 1;
        double level = 255 * (1 - 0.25 * (label % LEVELS));
        int colour = 0;
        for (int c = 0; c < 3; c++) {
            double distance = Math.abs((6 * hue + 6 - 2 * c) % 6 - 3); // 3 at the channel's own hue
            double share = Math.clamp(distance - 1, 0.15, 1);
            colour = colour << 8 | (int) Math.round(level * share);
        }
        return colour;
    }

    /// The picture in the middle of a white square.
    public static Raster square(Raster picture) {
        int side = Math.max(picture.width(), picture.height());
        byte[] rgb = new byte[3 * side * side];
        Arrays.fill(rgb, (byte) 255);
        int left = (side - picture.width()) / 2;
        int top = (side - picture.height()) / 2;
        int row = 3 * picture.width();
        for (int y = 0; y < picture.height(); y++) {
            System.arraycopy(picture.rgb(), y * row, rgb, 3 * ((top + y) * side + left), row);
        }
        return new Raster(side, side, rgb);
    }
}
