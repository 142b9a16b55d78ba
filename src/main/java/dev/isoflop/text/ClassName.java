package dev.isoflop.text;

import dev.isoflop.fault.InputException;

import java.util.List;
import java.util.regex.Pattern;

/// A class as a sentence has it.
public final class ClassName {

    private static final int LISTED = 3;

    private static final Pattern WORDNET_NUMBER = Pattern.compile("n\\d{8}");

    private ClassName() {}

    /// The name of a class in a sentence: of several between commas the first, which lists of
    /// WordNet put first as the commonest; an underscore becomes a space, nothing else changes.
    ///
    /// @param name such as "tench, Tinca tinca" or "fire_truck"
    public static String spoken(String name) {
        String first = name.replaceFirst(",.*", "").replace('_', ' ').strip();
        return first.isEmpty() ? name : first;
    }

    /// Whether it is a number of WordNet, such as n01440764: no word, whatever sentence it is in.
    public static boolean isWordNetNumber(String name) {
        return WORDNET_NUMBER.matcher(name.strip()).matches();
    }

    /// Demands that no class is called by its number in WordNet alone, of which a sentence would be
    /// nonsense.
    ///
    /// @param names of all classes
    /// @param dataset named in the error
    /// @param who makes sentences of them, such as "pseudo-captions"
    /// @throws InputException with what gives them names
    public static void demandWords(List<String> names, String dataset, String who) {
        List<String> numbers =
                names.stream().filter(name -> isWordNetNumber(spoken(name))).sorted().toList();
        if (!numbers.isEmpty()) {
            String some = String.join(", ", numbers.stream().limit(LISTED).toList());
            throw new InputException(
                    "%,d of the %,d classes of %s have numbers of WordNet for names: %s%s; %s would say \"a photo of %s\". Name them by data.class-names: a file such as ImageNet's synset_words.txt, words.txt or imagenet_class_index.json"
                            .formatted(
                                    numbers.size(),
                                    names.size(),
                                    dataset,
                                    some,
                                    numbers.size() > LISTED ? " and others" : "",
                                    who,
                                    numbers.getFirst()));
        }
    }
}
