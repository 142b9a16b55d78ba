package dev.isoflop.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.data.tree.LeftOut;
import dev.isoflop.image.Encoded;
import dev.isoflop.image.Raster;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Datasets made of another pass on what they do not change.
class WrappedTest {

    /// Three pictures of which everything is known, and nothing is as usual.
    private static final class Everything implements Dataset {

        private static final Mask MASK = new Mask(1, 1, new byte[] {2});
        private int closed;

        @Override
        public String name() {
            return "everything";
        }

        @Override
        public int size() {
            return 3;
        }

        @Override
        public Set<Field> fields() {
            return EnumSet.allOf(Field.class);
        }

        @Override
        public List<String> classNames() {
            return List.of("cat", "dog", "car");
        }

        @Override
        public List<String> classIds() {
            return List.of("n0", "n1", "n2");
        }

        @Override
        public List<String> maskClassNames() {
            return List.of("sky", "road");
        }

        @Override
        public Background background() {
            return Background.CLASS;
        }

        @Override
        public List<LeftOut> leftOut() {
            return List.of(new LeftOut("links to nothing", 1, List.of("link.jpg")));
        }

        @Override
        public String nameOf(int index) {
            return "picture-" + index;
        }

        @Override
        public Sample read(int index) {
            return new Sample(
                    nameOf(index),
                    new Raster(1, 1, new byte[3]),
                    List.of(index),
                    List.of("number " + index),
                    List.of(),
                    Optional.empty());
        }

        @Override
        public Sample readWithMask(int index) {
            return read(index).withMask(MASK);
        }

        @Override
        public List<Integer> labels(int index) {
            return List.of(index);
        }

        @Override
        public List<String> captions(int index) {
            return List.of("number " + index);
        }

        @Override
        public void close() {
            closed++;
        }
    }

    @TempDir Path temporary = Path.of("");

    @Test
    void everythingThatADatasetSaysIsPassedOn() {
        List<String> passedOn =
                Arrays.stream(Wrapped.class.getDeclaredMethods()).map(Method::getName).toList();
        assertThat(passedOn)
                .containsAll(
                        Arrays.stream(Dataset.class.getDeclaredMethods())
                                .map(Method::getName)
                                .toList());
    }

    @Test
    void aSubsetHandsOutMasksAndAllElseOfItsPictures() throws Exception {
        var whole = new Everything();
        try (var part = new Subset(whole, new int[] {2, 0})) {
            assertThat(part.size()).isEqualTo(2);
            assertThat(part.nameOf(0)).isEqualTo("picture-2");
            assertThat(part.read(0).mask()).isEmpty();
            assertThat(part.readWithMask(0)).isEqualTo(whole.readWithMask(2));
            assertThat(part.readWithMask(1).mask()).contains(Everything.MASK);
            assertThat(part.labels(0)).containsExactly(2);
            assertThat(part.captions(1)).containsExactly("number 0");
            sameFacts(part, whole);
            assertThat(MaskLabels.of(part).names()).containsExactly("sky", "road", "background");
        }
        assertThat(whole.closed).as("a part does not close the whole").isZero();
    }

    @Test
    void labelsAndCaptionsAreMadeAnewAndTheRestStays() throws Exception {
        var whole = new Everything();
        Path file = Files.writeString(temporary.resolve("is_a.txt"), "animal\tcat\n");
        try (var expanded = ExpandedLabels.of(whole, Hierarchy.read(file));
                var described = PseudoCaptions.of(expanded)) {
            assertThat(described.captions(0)).containsExactly("This is a photo of cat and animal.");
            Sample sample = described.readWithMask(0);
            assertThat(sample.captions()).isEqualTo(described.captions(0));
            assertThat(sample.labels()).isEqualTo(described.labels(0)).containsExactly(0, 3);
            assertThat(sample.mask()).contains(Everything.MASK);
            assertThat(described.classIds()).containsExactly("n0", "n1", "n2", "animal");
            assertThat(described.maskClassNames()).isEqualTo(whole.maskClassNames());
            assertThat(described.background()).isEqualTo(Background.CLASS);
        }
        assertThat(whole.closed).as("each closes what it is made of").isEqualTo(2);
    }

    private static void sameFacts(Dataset part, Dataset whole) {
        assertThat(part.name()).isEqualTo(whole.name());
        assertThat(part.fields()).isEqualTo(whole.fields());
        assertThat(part.classNames()).isEqualTo(whole.classNames());
        assertThat(part.classIds()).isEqualTo(whole.classIds());
        assertThat(part.maskClassNames()).isEqualTo(whole.maskClassNames());
        assertThat(part.background()).isEqualTo(whole.background());
        assertThat(part.leftOut()).isEqualTo(whole.leftOut());
    }

    @Test
    void aSourceIsOpenedOnceHoweverManyAskForIt() throws Exception {
        byte[] bytes = {1, 2, 3};
        for (int i = 0; i < 50; i++) {
            Tars.write(
                    temporary.resolve("photos/" + (i % 2 == 0 ? "cat/" : "dog/") + i + ".jpg"),
                    bytes);
        }
        Path tar = Tars.pack(temporary.resolve("photos"));
        var photos = new ImageFolder.Config(tar);
        var train = new HeldOut.Config(photos, 0.5, HeldOut.Part.TRAIN, 0);
        try (var open = new Datasets()) {
            Dataset all = open.open(photos);
            all.close(); // lent: others go on
            Files.move(tar, temporary.resolve("elsewhere.tar")); // nobody can open it again
            Dataset learned = open.open(train);
            Dataset judged = open.open(train.validation().orElseThrow());
            Dataset described = open.open(new PseudoCaptions.Config(train));
            learned.close();
            assertThat(learned.size() + judged.size()).isEqualTo(all.size());
            assertThat(described.captions(0)).hasSize(1);
            assertThat(((Encoded) judged.read(0).picture()).bytes()).isEqualTo(bytes);
        }
    }
}
