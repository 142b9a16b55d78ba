package dev.isoflop.text;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;

/// What BERT takes for a word: what stands between spaces, each punctuation mark by itself.
///
/// Devlin et al., *BERT*, 2018, its `BasicTokenizer`; as in Hugging Face's `BertNormalizer` and
/// `BertPreTokenizer`, whose names the switches have. As there, and unlike Python, letters are made
/// small one by one: a final sigma is a sigma. Which character is a mark or punctuation is decided
/// by Java's tables, which know a few hundred rare characters that theirs, of Unicode 8, do not.
///
/// @param cleanText leaves out controls, and takes every white space for a blank
/// @param handleChineseChars makes each Chinese character a word
/// @param stripAccents leaves out marks above and below letters
/// @param lowercase makes letters small
record Words(
        boolean cleanText, boolean handleChineseChars, boolean stripAccents, boolean lowercase) {

    /// As in `bert-base-uncased`.
    static final Words UNCASED = new Words(true, true, true, true);

    private static final int REPLACEMENT = 0xfffd; // stands for bytes that were no text
    private static final int NEXT_LINE = 0x85;

    /// The words of a text, in order.
    List<String> of(String text) {
        String plain = letters(stripAccents ? decomposed(spaced(text)) : spaced(text));
        var words = new ArrayList<String>();
        var word = new StringBuilder();
        plain.codePoints()
                .forEach(c -> {
                    if (isSpace(c)) {
                        end(word, words);
                    } else if (isPunctuation(c)) {
                        end(word, words);
                        words.add(Character.toString(c));
                    } else {
                        word.appendCodePoint(c);
                    }
                });
        end(word, words);
        return words;
    }

    private static void end(StringBuilder word, List<String> words) {
        if (!word.isEmpty()) {
            words.add(word.toString());
            word.setLength(0);
        }
    }

    private String spaced(String text) {
        var spaced = new StringBuilder(text.length());
        text.codePoints()
                .filter(c -> !cleanText || !isControl(c))
                .forEach(c -> {
                    if (handleChineseChars && isChinese(c)) {
                        spaced.append(' ').appendCodePoint(c).append(' ');
                    } else {
                        spaced.appendCodePoint(cleanText && isSpace(c) ? ' ' : c);
                    }
                });
        return spaced.toString();
    }

    private static String decomposed(String text) {
        String letters = Normalizer.normalize(text, Normalizer.Form.NFD);
        var bare = new StringBuilder(letters.length());
        letters.codePoints()
                .filter(c -> Character.getType(c) != Character.NON_SPACING_MARK)
                .forEach(bare::appendCodePoint);
        return bare.toString();
    }

    private String letters(String text) {
        if (!lowercase) {
            return text;
        }
        var small = new StringBuilder(text.length());
        text.codePoints().map(Character::toLowerCase).forEach(small::appendCodePoint);
        return small.toString();
    }

    private static boolean isSpace(int c) {
        return Character.isSpaceChar(c) || (c >= '\t' && c <= '\r') || c == NEXT_LINE;
    }

    private static boolean isControl(int c) {
        if (c == '\t' || c == '\n' || c == '\r') {
            return false;
        }
        return c == REPLACEMENT
                || switch (Character.getType(c)) {
                    case Character.CONTROL,
                            Character.FORMAT,
                            Character.SURROGATE,
                            Character.PRIVATE_USE ->
                            true;
                    default -> false;
                };
    }

    /// What is neither letter nor digit in ASCII (`$` and `^` too), and what Unicode calls so.
    private static boolean isPunctuation(int c) {
        if (c < 128) {
            return c > ' ' && c < 127 && !Character.isLetterOrDigit(c);
        }
        return switch (Character.getType(c)) {
            case Character.CONNECTOR_PUNCTUATION,
                    Character.DASH_PUNCTUATION,
                    Character.START_PUNCTUATION,
                    Character.END_PUNCTUATION,
                    Character.INITIAL_QUOTE_PUNCTUATION,
                    Character.FINAL_QUOTE_PUNCTUATION,
                    Character.OTHER_PUNCTUATION ->
                    true;
            default -> false;
        };
    }

    /// The CJK blocks that BERT names; Hangul, Hiragana and Katakana have words with spaces.
    private static boolean isChinese(int c) {
        return (c >= 0x4e00 && c <= 0x9fff)
                || (c >= 0x3400 && c <= 0x4dbf)
                || (c >= 0x20000 && c <= 0x2a6df)
                || (c >= 0x2a700 && c <= 0x2b73f)
                || (c >= 0x2b740 && c <= 0x2b81f)
                || (c >= 0x2b920 && c <= 0x2ceaf)
                || (c >= 0xf900 && c <= 0xfaff)
                || (c >= 0x2f800 && c <= 0x2fa1f);
    }
}
