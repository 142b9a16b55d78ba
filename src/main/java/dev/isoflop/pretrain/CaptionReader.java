package dev.isoflop.pretrain;

import dev.isoflop.data.Dataset;
import dev.isoflop.data.loader.Item;
import dev.isoflop.fault.InputException;
import dev.isoflop.files.DurableFiles;
import dev.isoflop.run.RunFolder;
import dev.isoflop.run.RunListener;
import dev.isoflop.text.Tokenizer;
import dev.isoflop.text.Tokens;
import dev.isoflop.vit.TextShape;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/// Reads captions for a run: which caption of an example is read, and as which tokens.
///
/// @param tokenizer of the run, kept in its folder
/// @param text how captions are cut: by characters, by tokens
/// @param seed of the run, which chooses among an example's captions
record CaptionReader(Tokenizer tokenizer, TextShape text, long seed) {

    private static final int CORPUS = 100_000; // images whose captions a tokenizer is trained on

    /// Refuses a tokenizer that the recipe names and that will not do.
    static void check(PretrainRecipe recipe, TextShape text) {
        recipe.tokenizer()
                .ifPresent(file ->
                        requireRoom(file.toString(), Tokenizer.read(file), text.vocabulary()));
    }

    /// That of a new run: a tokenizer that the recipe names, or one trained on the captions.
    static CaptionReader begin(
            PretrainRecipe recipe, TextShape text, Dataset data, RunFolder folder, RunListener to) {
        int wanted = text.vocabulary();
        Tokenizer tokenizer =
                recipe.tokenizer()
                        .map(Tokenizer::read)
                        .orElseGet(() -> {
                            to.said("training a tokenizer on captions of " + data.name());
                            return Tokenizer.train(() -> captions(data).iterator(), wanted);
                        });
        String name = recipe.tokenizer().map(Path::toString).orElse(Tokenizer.FILE_NAME);
        requireRoom(name, tokenizer, wanted);
        DurableFiles.write(folder.tokenizer(), tokenizer.json());
        return new CaptionReader(tokenizer, text, recipe.seed());
    }

    /// That of a run that goes on: the tokenizer in its folder.
    static CaptionReader goOn(PretrainRecipe recipe, TextShape text, RunFolder folder) {
        if (!Files.exists(folder.tokenizer())) {
            throw new InputException(
                    folder.tokenizer()
                            + " is missing: the run cannot go on without the words it learned;"
                            + " put it back, or start anew");
        }
        Tokenizer tokenizer = Tokenizer.read(folder.tokenizer());
        requireRoom(folder.tokenizer().toString(), tokenizer, text.vocabulary());
        return new CaptionReader(tokenizer, text, recipe.seed());
    }

    private static void requireRoom(String name, Tokenizer tokenizer, int vocabulary) {
        if (tokenizer.size() > vocabulary) {
            throw new InputException(
                    "%s has %,d tokens, but method.vocabulary is %,d; set it to %d or more"
                            .formatted(name, tokenizer.size(), vocabulary, tokenizer.size()));
        }
    }

    /// Captions of images spread over the whole dataset.
    private static Stream<String> captions(Dataset data) {
        long n = Math.min(CORPUS, data.size());
        return LongStream.range(0, n)
                .mapToInt(i -> Math.toIntExact(i * data.size() / n))
                .mapToObj(index -> captions(data, index))
                .flatMap(List::stream);
    }

    private static List<String> captions(Dataset data, int index) {
        try {
            return data.captions(index);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// One of the captions of an example, chosen by the seed and the example's number.
    Tokens tokens(Item item) {
        List<String> captions = item.captions();
        int chosen = new SplittableRandom(seed ^ item.number()).nextInt(captions.size());
        return tokenizer.encode(captions.get(chosen), text.maxCharacters(), text.maxTokens());
    }
}
