package dev.isoflop.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.isoflop.fault.InputException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

class ExpandedLabelsTest {

    @TempDir Path temporary;

    private Path hierarchy(String text) {
        Path file = temporary.resolve("is_a.txt");
        Tars.write(file, text);
        return file;
    }

    private ImageFolder.Config photos() {
        Tars.write(temporary.resolve("photos/bus/1.jpg"), "a bus");
        Tars.write(temporary.resolve("photos/cat/1.jpg"), "a cat");
        Tars.write(temporary.resolve("photos/dog/1.jpg"), "a dog");
        return new ImageFolder.Config(temporary.resolve("photos"));
    }

    private String refusal(String text) {
        try {
            new ExpandedLabels.Config(photos(), hierarchy(text)).open().close();
            return "none";
        } catch (InputException e) {
            return String.valueOf(e.getMessage()).replace(temporary + "/", "");
        }
    }

    @Test
    void ancestorsFollowTheNearerOnesFirst() throws IOException {
        Path file =
                hierarchy(
                        """
                        # parent child
                        thing animal
                        pet cat
                        animal cat
                        pet\tdog
                        being   animal

                        """);
        try (Dataset dataset = new ExpandedLabels.Config(photos(), file).open()) {
            assertThat(dataset.classNames())
                    .containsExactly("bus", "cat", "dog", "animal", "being", "pet", "thing");
            assertThat(dataset.labels(0)).as("bus").containsExactly(0);
            assertThat(dataset.labels(1)).as("cat").containsExactly(1, 3, 5, 4, 6);
            assertThat(dataset.read(2).labels()).as("dog").containsExactly(2, 5);
        }
    }

    @Test
    void anAncestorThatIsAClassKeepsItsNumber() throws IOException {
        try (Dataset dataset =
                new ExpandedLabels.Config(photos(), hierarchy("dog cat\nx dog\n")).open()) {
            assertThat(dataset.classNames()).containsExactly("bus", "cat", "dog", "x");
            assertThat(dataset.labels(1)).containsExactly(1, 2, 3);
        }
    }

    @Test
    void severalLabelsShareTheirAncestors() throws IOException {
        Dataset world = new World.Config(100, 8, 1).open();
        Path file =
                hierarchy("star\tstriped star\nstar\tplain star\nplain\tplain star\nshape\tstar\n");
        try (Dataset dataset = ExpandedLabels.of(world, Hierarchy.read(file))) {
            int plain = dataset.classNames().indexOf("plain");
            assertThat(plain).isEqualTo(48);
            int stars = 0;
            for (int index = 0; index < dataset.size(); index++) {
                var own = world.labels(index);
                assertThat(dataset.labels(index)).startsWith(own.toArray(Integer[]::new));
                assertThat(dataset.labels(index)).doesNotHaveDuplicates();
                boolean isPlainStar = own.contains(world.classNames().indexOf("plain star"));
                assertThat(dataset.labels(index).contains(plain)).isEqualTo(isPlainStar);
                assertThat(dataset.read(index).labels()).isEqualTo(dataset.labels(index));
                stars += isPlainStar ? 1 : 0;
            }
            assertThat(stars).isPositive();
        }
    }

    @Test
    void classesAreKnownByTheirNumbersToo() throws IOException {
        Path root = temporary.resolve("tiny");
        Tars.write(root.resolve("wnids.txt"), "n02\n");
        Tars.write(root.resolve("words.txt"), "n02\tgoldfish, Carassius auratus\n");
        Tars.write(root.resolve("train/n02/n02_boxes.txt"), "a.JPEG\t0\t10\t63\t58\n");
        var tiny = new TinyImageNet.Config(root, TinyImageNet.Split.TRAIN);
        try (Dataset dataset = new ExpandedLabels.Config(tiny, hierarchy("n01 n02")).open()) {
            assertThat(dataset.classNames()).containsExactly("goldfish, Carassius auratus", "n01");
            assertThat(dataset.classIds()).containsExactly("n02", "n01");
            assertThat(dataset.labels(0)).containsExactly(0, 1);
        }
    }

    /// ImageNet has two cranes: a bird, and a machine.
    @Test
    void aNameOfTwoClassesIsRefusedAndTheirNumbersWillDo() throws IOException {
        Path root = temporary.resolve("tiny");
        Tars.write(root.resolve("wnids.txt"), "n02\nn03\n");
        Tars.write(root.resolve("words.txt"), "n02\tcrane\nn03\tcrane\n");
        Tars.write(root.resolve("train/n02/n02_boxes.txt"), "a.JPEG\t0\t10\t63\t58\n");
        Tars.write(root.resolve("train/n03/n03_boxes.txt"), "b.JPEG\t0\t10\t63\t58\n");
        var tiny = new TinyImageNet.Config(root, TinyImageNet.Split.TRAIN);
        assertThat(
                        catchThrowable(() ->
                                new ExpandedLabels.Config(tiny, hierarchy("bird crane")).open()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("is_a.txt:1  is about crane, and ")
                .hasMessageEndingWith(
                        " has several classes of that name; give each a name of its own, or write"
                                + " its WordNet number");
        try (Dataset dataset = new ExpandedLabels.Config(tiny, hierarchy("bird n02")).open()) {
            assertThat(dataset.labels(0)).containsExactly(0, 2);
            assertThat(dataset.labels(1)).containsExactly(1);
        }
    }

    @Test
    void aCycleIsNamed() {
        assertThat(refusal("pet cat\nanimal pet\ncat animal\n"))
                .isEqualTo(
                        "is_a.txt:3  makes cat its own ancestor: cat, pet, animal, cat; remove one"
                                + " of these lines");
        assertThat(refusal("cat cat"))
                .startsWith("is_a.txt:1  makes cat its own ancestor: cat, cat");
    }

    @Test
    void aNameThatIsNoClassIsNamed() {
        assertThat(refusal("pet cat\npet dogg\n"))
                .isEqualTo(
                        "is_a.txt:2  is about dogg, which is no class of photos, nor above one; did"
                                + " you mean dog?");
        assertThat(refusal("pet cat\npet elephant\n")).endsWith("nor above one; remove the line");
        assertThat(refusal("n01 n02\n"))
                .isEqualTo("is_a.txt says nothing of the classes of photos, such as bus, cat, dog");
    }

    @Test
    void aLineThatIsNotTwoNamesIsNamed() {
        assertThat(refusal("pet cat\npet the dog\n"))
                .isEqualTo(
                        "is_a.txt:2  is \"pet the dog\"; write two names, the parent first: animal"
                                + " dog (with a tab between names of several words)");
        assertThat(refusal("cat\n")).startsWith("is_a.txt:1  is \"cat\"; write two names");
    }

    @Test
    void aDatasetWithoutLabelsIsRefused() {
        Tars.write(temporary.resolve("one/1.jpg"), "an image");
        var one = new ImageFolder.Config(temporary.resolve("one"));
        assertThat(catchThrowable(() -> new ExpandedLabels.Config(one, hierarchy("a b")).open()))
                .isInstanceOf(InputException.class)
                .hasMessageEndingWith("one has no labels; a hierarchy is for classes of images");
        assertThat(catchThrowable(() -> Hierarchy.read(temporary.resolve("no.txt"))))
                .hasMessageEndingWith(
                        "no.txt does not exist; name a file of lines such as animal dog");
    }

    @Test
    void captionsAreMadeOfTheClassesOfAPicture() throws IOException {
        try (Dataset dataset = new PseudoCaptions.Config(photos()).open()) {
            assertThat(dataset.fields()).containsExactlyInAnyOrder(Field.LABELS, Field.CAPTIONS);
            assertThat(dataset.captions(2)).containsExactly("This is a photo of dog.");
            assertThat(dataset.read(2).captions()).isEqualTo(dataset.captions(2));
        }
    }

    @Test
    void captionsCannotBeMadeOfNoLabels() {
        photos();
        Tars.write(temporary.resolve("photos/stray.jpg"), "no class");
        assertThat(catchThrowable(() -> new PseudoCaptions.Config(photos()).open()))
                .isInstanceOf(InputException.class)
                .hasMessageEndingWith(
                        "1 of the 4 images of "
                                + temporary.resolve("photos")
                                + " have no label to make a caption of: stray.jpg; remove them");
        var captions = new CaptionedFolder.Config(temporary.resolve("photos"), Optional.empty());
        Tars.write(temporary.resolve("photos/metadata.csv"), "image,text\nstray.jpg,x\n");
        assertThat(catchThrowable(() -> new PseudoCaptions.Config(captions).open()))
                .isInstanceOf(InputException.class);
    }
}
