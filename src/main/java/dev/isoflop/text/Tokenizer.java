package dev.isoflop.text;

import dev.isoflop.fault.Check;

import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Cuts captions into pieces of a vocabulary: BERT's WordPiece.
///
/// Jacob Devlin et al., *BERT*, 2018, [arXiv:1810.04805](https://arxiv.org/abs/1810.04805), its
/// `FullTokenizer`: of each word the longest piece that is known, then the longest of what remains,
/// which begins with `##`; a word of which something remains is `[UNK]`. Koppula et al. 2022 leave
/// their tokenizer open; their text towers are BERT's.
///
/// Differs from Hugging Face's: `[SEP]` spelt in a caption is text, as in BERT's own code.
///
/// Immutable, and so safe for concurrent use.
public final class Tokenizer {

    /// What its file is called, by custom.
    public static final String FILE_NAME = "tokenizer.json";

    static final String PAD = "[PAD]";
    static final String UNK = "[UNK]";
    static final String CLS = "[CLS]";
    static final String SEP = "[SEP]";
    static final String MASK = "[MASK]";

    /// What stands for something else than text, by id in a vocabulary that is trained here.
    static final List<String> SPECIAL = List.of(PAD, UNK, CLS, SEP, MASK);

    /// What must be there to encode; `[MASK]` is only for BERT's own training.
    static final List<String> NEEDED = List.of(PAD, UNK, CLS, SEP);

    /// Begins a piece that continues a word.
    static final String CONTINUED = "##";

    private static final int LEAST_TOKENS = 2; // [CLS] and [SEP]
    private static final String JOINED_TO_THE_LEFT = ".,!?:;)]}%";

    private final Words words;
    private final List<String> pieces; // by id
    private final int longestWord; // in characters; a longer one is [UNK]
    private final Map<String, Integer> ids = new HashMap<>();
    private final int longestPiece; // in chars

    /// @param pieces by id, each once, all of [#NEEDED] among them
    Tokenizer(Words words, List<String> pieces, int longestWord) {
        this.words = words;
        this.pieces = List.copyOf(pieces);
        this.longestWord = longestWord;
        for (String piece : pieces) {
            ids.put(piece, ids.size());
        }
        this.longestPiece = Collections.max(pieces.stream().map(String::length).toList());
    }

    /// Learns a vocabulary from captions: uncased, the same for the same captions in any order.
    ///
    /// @param captions gone through once
    /// @param size of the vocabulary wanted, special tokens included; fewer pieces are learned if
    ///   no two of them stand side by side twice
    /// @throws IllegalArgumentException if there is no room for anything but special tokens, or
    ///   there are no words
    public static Tokenizer train(Iterable<String> captions, int size) {
        Check.that(
                size > SPECIAL.size(),
                "size is %s; a vocabulary holds more than the %s special tokens",
                size,
                SPECIAL.size());
        List<String> pieces = Vocabulary.learn(Words.UNCASED, captions, size);
        return new Tokenizer(Words.UNCASED, pieces, TokenizerFile.LONGEST_WORD);
    }

    /// Reads a `tokenizer.json` with a WordPiece model, whoever wrote it.
    ///
    /// @throws dev.isoflop.fault.InputException if it is damaged, or of a kind that is not read
    ///   here
    public static Tokenizer read(Path file) {
        return TokenizerFile.read(file);
    }

    /// What to write as `tokenizer.json`: UTF-8, the same bytes for the same tokenizer.
    public byte[] json() {
        return TokenizerFile.json(words, pieces, longestWord);
    }

    /// SHA-256 of [#json], in hexadecimal: two tokenizers of one fingerprint encode alike.
    public String fingerprint() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(json()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /// How many pieces there are, special tokens included: ids are below it.
    public int size() {
        return pieces.size();
    }

    /// The piece of an id, such as `##ing`.
    public String piece(int id) {
        return pieces.get(id);
    }

    /// The id that fills a caption up.
    public int padding() {
        return id(PAD);
    }

    /// A caption as a fixed number of ids; what does not fit is cut off before `[SEP]`.
    ///
    /// @param maxTokens length of the result, special tokens included; at least 2
    public Tokens encode(String caption, int maxTokens) {
        Check.that(
                maxTokens >= LEAST_TOKENS,
                "maxTokens is %s; it must be at least %s, for [CLS] and [SEP]",
                maxTokens,
                LEAST_TOKENS);
        int[] encoded = new int[maxTokens];
        int count = 0;
        encoded[count++] = id(CLS);
        for (int piece : pieces(caption)) {
            if (count == maxTokens - 1) {
                break;
            }
            encoded[count++] = piece;
        }
        encoded[count++] = id(SEP);
        Arrays.fill(encoded, count, maxTokens, padding());
        return new Tokens(encoded, count);
    }

    /// The first characters of a caption as a fixed number of ids; a word that is cut there is read
    /// as far as it goes.
    ///
    /// @param maxCharacters code points, spaces included, that are read at most; 0 for all
    /// @param maxTokens length of the result, special tokens included; at least 2
    public Tokens encode(String caption, int maxCharacters, int maxTokens) {
        boolean all =
                maxCharacters == 0 || caption.codePointCount(0, caption.length()) <= maxCharacters;
        String read =
                all ? caption : caption.substring(0, caption.offsetByCodePoints(0, maxCharacters));
        return encode(read, maxTokens);
    }

    private List<Integer> pieces(String caption) {
        var found = new ArrayList<Integer>();
        for (String word : words.of(caption)) {
            int before = found.size();
            if (!cut(word, found)) {
                found.subList(before, found.size()).clear();
                found.add(id(UNK));
            }
        }
        return found;
    }

    /// Adds the pieces of a word; false if something remains.
    private boolean cut(String word, List<Integer> found) {
        if (word.codePointCount(0, word.length()) > longestWord) {
            return false;
        }
        for (int start = 0; start < word.length(); ) {
            String prefix = start == 0 ? "" : CONTINUED;
            int end = Math.min(word.length(), start + longestPiece);
            Integer id = ids.get(prefix + word.substring(start, end));
            while (id == null && --end > start) {
                id = ids.get(prefix + word.substring(start, end));
            }
            if (id == null) {
                return false;
            }
            found.add(id);
            start = end;
        }
        return true;
    }

    /// About what was encoded, for people: small letters stay small, and a lost accent is lost.
    /// Special tokens are left out, but for `[UNK]`.
    ///
    /// @param encoded ids below [#size]
    public String decode(int[] encoded) {
        String spaced =
                Arrays.stream(encoded)
                        .mapToObj(this::piece)
                        .filter(piece -> piece.equals(UNK) || !SPECIAL.contains(piece))
                        .collect(Collectors.joining(" "))
                        .replace(" " + CONTINUED, "");
        var text = new StringBuilder();
        for (int i = 0; i < spaced.length(); i++) {
            boolean joins =
                    spaced.charAt(i) == ' '
                            && i + 1 < spaced.length()
                            && JOINED_TO_THE_LEFT.indexOf(spaced.charAt(i + 1)) >= 0;
            if (!joins) {
                text.append(spaced.charAt(i));
            }
        }
        return text.toString();
    }

    private int id(String special) {
        Integer id = ids.get(special);
        if (id == null) {
            throw new IllegalStateException("a tokenizer was made without " + special);
        }
        return id;
    }
}
