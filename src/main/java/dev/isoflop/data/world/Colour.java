package dev.isoflop.data.world;

import java.util.Locale;

/// The colours that captions name.
public enum Colour {
    RED(214, 46, 44),
    ORANGE(240, 138, 36),
    YELLOW(250, 212, 62),
    GREEN(58, 160, 74),
    TEAL(32, 170, 168),
    BLUE(48, 98, 212),
    PURPLE(128, 66, 182),
    PINK(242, 140, 182),
    BROWN(124, 78, 46),
    WHITE(242, 240, 234),
    GREY(132, 134, 138),
    BLACK(34, 33, 38);

    final float red;
    final float green;
    final float blue;

    Colour(int red, int green, int blue) {
        this.red = red / 255f;
        this.green = green / 255f;
        this.blue = blue / 255f;
    }

    /// As a caption says it.
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
