package dev.isoflop.recipe;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/// What a recipe may be called: its run's folder has the name.
public final class FolderName {

    /// Bytes of UTF-8: of the 255 that file systems take, some are for what is written beside it.
    private static final int LONGEST = 200;

    private static final Pattern WORD =
            Pattern.compile("[^./\\\\\\s][^/\\\\\\p{Cntrl}\\x80-\\x9F]*");

    /// What to write where it is none.
    public static final String REMEDY =
            "write a word that can name a folder: no slashes, no control characters, no dot or"
                    + " space at its beginning, at most "
                    + LONGEST
                    + " bytes";

    private FolderName() {}

    /// Whether a text is such a name.
    public static boolean isOne(String text) {
        return WORD.matcher(text).matches()
                && !Character.isISOControl(text.charAt(0))
                && text.getBytes(StandardCharsets.UTF_8).length <= LONGEST;
    }
}
