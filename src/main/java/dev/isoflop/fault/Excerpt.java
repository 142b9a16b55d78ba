package dev.isoflop.fault;

/// What an error message shows of something that was found: its beginning, where it is long.
public final class Excerpt {

    private static final int LONGEST = 60;

    private Excerpt() {}

    /// The text, cut behind its first 60 letters.
    public static String of(String text) {
        if (text.length() <= LONGEST) {
            return text;
        }
        boolean splits = Character.isHighSurrogate(text.charAt(LONGEST - 1));
        return text.substring(0, splits ? LONGEST - 1 : LONGEST) + "...";
    }
}
