package dev.isoflop.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;

/// Learns the pieces of words: begins with characters, and joins the pair that occurs most until
/// the vocabulary is full.
///
/// Google never published its trainer. This is what Hugging Face's `WordPieceTrainer` does:
/// byte-pair encoding (Sennrich et al. 2016, [arXiv:1508.07909](https://arxiv.org/abs/1508.07909))
/// over pieces that begin with `##` inside a word. Where two pairs occur equally often, the one of
/// the earlier pieces is joined; characters are numbered in the order of Unicode; so neither the
/// order of captions nor a hash decides anything.
final class Vocabulary {

    /// At most so many characters, the most frequent, one at the beginning of a word and the same
    /// within counting as two: twice Hugging Face's limit. What is not among them is unknown.
    private static final int ALPHABET = 2000;

    /// A pair seen once is not worth a number.
    private static final long LEAST_COUNT = 2;

    private final List<String> pieces = new ArrayList<>(Tokenizer.SPECIAL); // by id
    private final Map<String, Integer> ids = new HashMap<>();
    private final Map<Pair, Long> counts = new HashMap<>();
    private final Map<Pair, Set<Word>> places = new HashMap<>(); // and words it has left
    private final PriorityQueue<Candidate> queue = new PriorityQueue<>(Candidate.BEST_FIRST);

    private record Pair(int first, int second) {}

    private record Candidate(Pair pair, long count) {

        static final Comparator<Candidate> BEST_FIRST =
                Comparator.comparingLong(Candidate::count)
                        .reversed()
                        .thenComparingInt(candidate -> candidate.pair.first)
                        .thenComparingInt(candidate -> candidate.pair.second);
    }

    /// A word of the corpus, as it is cut so far.
    private static final class Word {

        private final long count;
        private int[] cut;

        Word(int[] cut, long count) {
            this.cut = cut;
            this.count = count;
        }
    }

    private Vocabulary() {}

    /// The pieces by id, special tokens first.
    ///
    /// @param size how many at most
    /// @throws IllegalArgumentException if the captions hold no word
    static List<String> learn(Words words, Iterable<String> captions, int size) {
        var counts = new TreeMap<String, Long>();
        for (String caption : captions) {
            for (String word : words.of(caption)) {
                counts.merge(word, 1L, Long::sum);
            }
        }
        if (counts.isEmpty()) {
            throw new IllegalArgumentException("captions hold no words to learn a vocabulary from");
        }
        var vocabulary = new Vocabulary();
        vocabulary.addCharacters(counts, size);
        counts.forEach(vocabulary::addWord);
        vocabulary.join(size);
        return vocabulary.pieces;
    }

    private void addCharacters(Map<String, Long> words, int size) {
        var frequency = new TreeMap<String, Long>();
        words.forEach((word, count) ->
                characters(word).forEach(c -> frequency.merge(c, count, Long::sum)));
        Comparator<String> continuedLast =
                Comparator.comparing(Vocabulary::isContinued)
                        .thenComparing(Comparator.naturalOrder());
        frequency.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .limit(Math.min(ALPHABET, size - pieces.size()))
                .map(Map.Entry::getKey)
                .sorted(continuedLast)
                .forEach(this::id);
    }

    /// Such as "c", "##a", "##t".
    private static List<String> characters(String word) {
        int[] points = word.codePoints().toArray();
        return IntStream.range(0, points.length)
                .mapToObj(i -> (i == 0 ? "" : Tokenizer.CONTINUED) + Character.toString(points[i]))
                .toList();
    }

    private static boolean isContinued(String piece) {
        return piece.length() > Tokenizer.CONTINUED.length()
                && piece.startsWith(Tokenizer.CONTINUED);
    }

    /// The id of a piece, a new one if it has none.
    private int id(String piece) {
        return ids.computeIfAbsent(
                piece,
                _ -> {
                    pieces.add(piece);
                    return pieces.size() - 1;
                });
    }

    private void addWord(String text, long count) {
        List<String> characters = characters(text);
        if (characters.size() <= TokenizerFile.LONGEST_WORD
                && ids.keySet().containsAll(characters)) {
            count(new Word(characters.stream().mapToInt(ids::get).toArray(), count), 1);
        }
    }

    /// Adds or takes away the pairs of a word.
    private void count(Word word, int sign) {
        for (int i = 1; i < word.cut.length; i++) {
            var pair = new Pair(word.cut[i - 1], word.cut[i]);
            counts.merge(pair, sign * word.count, Long::sum);
            if (sign > 0) {
                places.computeIfAbsent(pair, _ -> new HashSet<>()).add(word);
            }
        }
    }

    private void join(int size) {
        counts.forEach((pair, count) -> queue.add(new Candidate(pair, count)));
        while (pieces.size() < size && !queue.isEmpty()) {
            Candidate best = queue.remove();
            long count = counts.getOrDefault(best.pair, 0L);
            if (count < LEAST_COUNT) {
                continue;
            }
            if (count != best.count) { // counted anew since it was queued
                queue.add(new Candidate(best.pair, count));
                continue;
            }
            join(best.pair);
        }
    }

    private void join(Pair pair) {
        String tail = pieces.get(pair.second).substring(Tokenizer.CONTINUED.length());
        int joined = id(pieces.get(pair.first) + tail);
        var changed = new HashSet<Pair>();
        for (Word word : places.getOrDefault(pair, Set.of())) {
            count(word, -1);
            word.cut = joined(word.cut, pair, joined);
            count(word, 1);
            for (int i = 1; i < word.cut.length; i++) {
                if (word.cut[i - 1] == joined || word.cut[i] == joined) {
                    changed.add(new Pair(word.cut[i - 1], word.cut[i]));
                }
            }
        }
        places.remove(pair);
        counts.remove(pair);
        for (Pair next : changed) {
            queue.add(new Candidate(next, counts.getOrDefault(next, 0L)));
        }
    }

    private static int[] joined(int[] cut, Pair pair, int piece) {
        int[] joined = new int[cut.length];
        int length = 0;
        for (int i = 0; i < cut.length; i++) {
            boolean here = cut[i] == pair.first && i + 1 < cut.length && cut[i + 1] == pair.second;
            joined[length++] = here ? piece : cut[i];
            i += here ? 1 : 0;
        }
        return Arrays.copyOf(joined, length);
    }
}
