package dev.isoflop.fault;

/// What an error message shows of something that was found: its beginning, where it is long.
public final class Excerpt {

    private static final int LONGEST = 60;

    private Excerpt() {}

    /// The text, cut behind its first 60 letters.
    public static String of(String text) {
        return of(text, LONGEST);
    }

    /// The text, cut behind so many letters.
    public static String of(String text, int longest) {
        if (text.length() <= longest) {
            return text;
        }
        boolean splits = Character.isHighSurrogate(text.charAt(longest - 1));
        return text.substring(0, splits ? longest - 1 : longest) + "...";
    }
}
