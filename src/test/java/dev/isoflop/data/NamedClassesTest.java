package dev.isoflop.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.isoflop.data.TinyImageNet.Split;
import dev.isoflop.fault.InputException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Names of classes from a file.
class NamedClassesTest {

    private static final String FORMS =
            "; write lines such as n01440764 tench (or a tab between), one name a line in the order"
                    + " of the classes, or JSON such as {\"0\": [\"n01440764\", \"tench\"]}";

    @TempDir Path temporary;

    /// For the tests of every kind.
    static Source example(Path folder) {
        Tars.write(folder.resolve("numbered/n01440764/1.jpg"), "a tench");
        Tars.write(folder.resolve("numbered/n01494475/2.jpg"), "a hammerhead");
        Tars.write(
                folder.resolve("numbers.txt"),
                "n01440764 tench, Tinca tinca\nn01494475 hammerhead\n");
        return new NamedClasses.Config(
                new ImageFolder.Config(folder.resolve("numbered")), folder.resolve("numbers.txt"));
    }

    private Path images() {
        Tars.write(temporary.resolve("images/n01440764/1.jpg"), "a tench");
        Tars.write(temporary.resolve("images/n01494475/2.jpg"), "a hammerhead");
        return temporary.resolve("images");
    }

    private NamedClasses.Config named(String text) {
        Path file = temporary.resolve("names");
        Tars.write(file, text);
        return new NamedClasses.Config(new ImageFolder.Config(images()), file);
    }

    private void refuses(String text, String message) {
        assertThatExceptionOfType(InputException.class)
                .isThrownBy(() -> named(text).open().close())
                .withMessage(temporary.resolve("names") + message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "n01440764 tench, Tinca tinca\nn01494475 hammerhead, hammerhead shark\n",
                """
                n01494475\thammerhead, hammerhead shark\r

                n01440764\ttench, Tinca tinca\r
                n99999999\twhat is not here
                """,
                "{\"0\": [\"n01440764\", \"tench, Tinca tinca\"],\n"
                        + " \"4\": [\"n01494475\", \"hammerhead, hammerhead shark\"]}",
                "\uFEFFtench, Tinca tinca\nhammerhead, hammerhead shark"
            })
    void everyFormGivesTheNames(String text) throws IOException {
        try (Dataset dataset = named(text).open()) {
            assertThat(dataset.classNames())
                    .containsExactly("tench, Tinca tinca", "hammerhead, hammerhead shark");
            assertThat(dataset.classIds())
                    .as("what other data know them by")
                    .containsExactly("n01440764", "n01494475");
            assertThat(dataset.labels(1)).containsExactly(1);
        }
    }

    @Test
    void captionsSayTheFirstName() throws IOException {
        var described = new PseudoCaptions.Config(named("tench, Tinca tinca\ngreat_shark\n"));
        try (Dataset dataset = described.open()) {
            assertThat(dataset.captions(0)).containsExactly("This is a photo of tench.");
            assertThat(dataset.captions(1)).containsExactly("This is a photo of great shark.");
        }
    }

    @Test
    void aTarOfClassFoldersHasNamesToo() throws IOException {
        Path tar = Tars.pack(images());
        Path file = temporary.resolve("names");
        Tars.write(file, "tench\nhammerhead\n");
        var source = new NamedClasses.Config(new ImageFolder.Config(tar), file);
        try (Dataset dataset = new PseudoCaptions.Config(source).open()) {
            assertThat(dataset.captions(1)).containsExactly("This is a photo of hammerhead.");
        }
    }

    /// As the crane and the crane of ImageNet.
    @Test
    void twoClassesMayHaveOneName() {
        try (Dataset dataset = named("n01440764 crane\nn01494475 crane\n").open()) {
            assertThat(dataset.classNames()).containsExactly("crane", "crane");
        }
    }

    @Test
    void numbersOfWordNetAreRefusedForCaptions() {
        String remedy =
                "; pseudo-captions would say \"a photo of n01440764\". Name them by"
                        + " data.class-names: a file such as ImageNet's synset_words.txt, words.txt"
                        + " or imagenet_class_index.json";
        var numbered = new PseudoCaptions.Config(new ImageFolder.Config(images()));
        assertThatExceptionOfType(InputException.class)
                .isThrownBy(() -> numbered.open().close())
                .withMessage(
                        "2 of the 2 classes of "
                                + images()
                                + " have numbers of WordNet for names: n01440764, n01494475"
                                + remedy);
    }

    @Test
    void whatTinyImageNetDoesNotNameAFileDoes() throws IOException {
        Path root = temporary.resolve("tiny");
        Tars.write(root.resolve("wnids.txt"), "n01494475\nn01440764\n");
        Tars.write(root.resolve("words.txt"), "n01440764\ttench\n");
        for (String number : new String[] {"n01440764", "n01494475"}) {
            Tars.write(
                    root.resolve("train/" + number + "/" + number + "_boxes.txt"),
                    number + "_0.JPEG\t0\t0\t9\t9\n");
        }
        var tiny = new TinyImageNet.Config(root, Split.TRAIN);
        assertThatExceptionOfType(InputException.class)
                .isThrownBy(() -> new PseudoCaptions.Config(tiny).open().close())
                .withMessageStartingWith("1 of the 2 classes of " + root + ", train have numbers");
        Files.delete(root.resolve("words.txt"));
        Path file = temporary.resolve("names");
        Tars.write(file, "n01440764 tench\nn01494475 hammerhead\n");
        var named = new NamedClasses.Config(tiny, file);
        try (Dataset dataset = new PseudoCaptions.Config(named).open()) {
            assertThat(dataset.captions(1)).containsExactly("This is a photo of hammerhead.");
        }
    }

    @Test
    void aClassWithoutANameIsNamed() {
        refuses(
                "n01440764 tench\n",
                " has no name for 1 of the 2 classes of "
                        + images()
                        + ": n01494475; it names n01440764; add what is missing");
        refuses(
                "cat\ta cat\ndog\ta dog\n",
                " has no name for 2 of the 2 classes of "
                        + images()
                        + ": n01440764, n01494475; it names cat, dog; add what is missing");
    }

    @Test
    void asManyLinesAsClasses() {
        refuses(
                "tench\nhammerhead\nray\n",
                " names 3 classes, one a line, but "
                        + images()
                        + " has 2, such as n01440764, n01494475; give it a line a class, in their"
                        + " order, or a class's folder before each name, with a tab between");
    }

    @Test
    void aClassThatIsNamedTwiceIsRefused() {
        refuses(
                "n01440764 tench\nn01494475 hammerhead\nn01440764 carp\n",
                ":3  names n01440764 \"carp\", which is \"tench\" at "
                        + temporary.resolve("names")
                        + ":1; remove one of them");
        refuses(
                "{\"0\": [\"n01440764\", \"tench\"], \"1\": [\"n01440764\", \"carp\"]}",
                ", key \"1\" names n01440764 \"carp\", which is \"tench\" at "
                        + temporary.resolve("names")
                        + ", key \"0\"; remove one of them");
    }

    @Test
    void whatIsOfNoKnownFormIsNamed() {
        refuses("", " is empty" + FORMS);
        refuses("n01440764\nn01494475\n", ":1  is \"n01440764\"" + FORMS);
        refuses("n01440764 tench\n\nhammerhead\n", ":3  is \"hammerhead\"" + FORMS);
        refuses("tench\nn01494475 hammerhead\n", ":2  is \"n01494475 hammerhead\"" + FORMS);
        refuses("n01440764\ttench\nn01494475\n", ":2  is \"n01494475\"" + FORMS);
        refuses("n01440764\tn01440764\n", ":1  is \"n01440764 n01440764\"" + FORMS);
        refuses("{\"0\": \"tench\"}", ": key \"0\" is \"tench\"" + FORMS);
        refuses("{\"0\": [\"tench\"]}", ", key \"0\" is \"[tench]\"" + FORMS);
        assertThatExceptionOfType(InputException.class)
                .isThrownBy(() -> named("{\"0\": [\n\"n01440764\", tench]}").open())
                .withMessageStartingWith(temporary.resolve("names") + ":2  is not JSON: ")
                .withMessageEndingWith(FORMS);
        Path missing = temporary.resolve("missing.txt");
        assertThatExceptionOfType(InputException.class)
                .isThrownBy(() ->
                        new NamedClasses.Config(new ImageFolder.Config(images()), missing).open())
                .withMessage(
                        missing
                                + " cannot be read: it does not exist; name a file of class"
                                + " names, such as synset_words.txt");
    }

    @Test
    void aDatasetWithoutClassesIsRefused() {
        Tars.write(temporary.resolve("flat/1.jpg"), "no class");
        Path file = temporary.resolve("names");
        Tars.write(file, "tench\n");
        var flat = new NamedClasses.Config(new ImageFolder.Config(temporary.resolve("flat")), file);
        assertThatExceptionOfType(InputException.class)
                .isThrownBy(() -> flat.open().close())
                .withMessage(
                        "%s has no classes for %s to name; leave class-names out"
                                .formatted(temporary.resolve("flat"), file));
    }

    @Test
    void theListOfImageNetIsRead() throws IOException {
        Path list = Path.of("../shared/data/formats/made/ilsvrc2012/synset_words.txt");
        assumeTrue(Files.exists(list), list + " is not here");
        Path two = temporary.resolve("two");
        Tars.write(two.resolve("n01440764/1.jpg"), "a tench");
        Tars.write(two.resolve("n01443537/2.jpg"), "a goldfish");
        Source named = new NamedClasses.Config(new ImageFolder.Config(two), list);
        try (Dataset dataset = new PseudoCaptions.Config(named).open()) {
            assertThat(dataset.classNames())
                    .containsExactly("tench, Tinca tinca", "goldfish, Carassius auratus");
            assertThat(dataset.captions(0)).containsExactly("This is a photo of tench.");
        }
    }
}
