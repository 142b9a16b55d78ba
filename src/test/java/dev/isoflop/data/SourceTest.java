package dev.isoflop.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.data.TinyImageNet.Split;
import dev.isoflop.image.SampleFiles;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

class SourceTest {

    private static final int SOME = -1; // by the hash of each name

    @TempDir Path temporary;

    /// One of each kind.
    private Source[] everyKind() {
        Tars.write(temporary.resolve("photos/cat/1.jpg"), "a cat");
        Tars.write(temporary.resolve("tiny/wnids.txt"), "n01\n");
        Tars.write(temporary.resolve("tiny/words.txt"), "n01\tcat\n");
        Tars.write(temporary.resolve("tiny/train/n01/images/a.JPEG"), "a tiny cat");
        Tars.write(temporary.resolve("tiny/train/n01/n01_boxes.txt"), "a.JPEG\t0\t0\t9\t9\n");
        Tars.write(temporary.resolve("photos/dog/2.jpg"), "a dog");
        Tars.write(temporary.resolve("beside/cat/1.jpg"), "a cat");
        Tars.write(temporary.resolve("beside/2.jpg"), "no class");
        Tars.write(temporary.resolve("photos/metadata.csv"), "image,text\n1.jpg,a\n2.jpg,b\n");
        Tars.write(
                temporary.resolve("c.json"),
                """
                {"images": [{"id": 1, "file_name": "1.jpg"}],
                 "annotations": [{"image_id": 1, "caption": "a cat"}]}
                """);
        Tars.write(temporary.resolve("is_a.txt"), "animal cat\n");
        byte[] scene = SampleFiles.jpeg(SampleFiles.gradient(3, 2));
        byte[] classes = Pngs.grey(3, 2, 0, 1, 1, 2, 2, 2);
        Tars.write(temporary.resolve("ade/images/training/1.jpg"), scene);
        Tars.write(temporary.resolve("ade/annotations/training/1.png"), classes);
        Path scenes = temporary.resolve("ade/images");
        Path masks = temporary.resolve("ade/annotations");
        var photos = new ImageFolder.Config(temporary.resolve("photos"));
        Optional<Path> captions = Optional.of(temporary.resolve("c.json"));
        List<Source> all =
                new ArrayList<>(
                        List.of(
                                new World.Config(7, 32, 1),
                                new ImageFolder.Config(temporary.resolve("beside")),
                                new TinyImageNet.Config(temporary.resolve("tiny"), Split.TRAIN),
                                new Coco.Config(
                                        temporary.resolve("photos"), captions, Optional.empty()),
                                new CaptionedFolder.Config(
                                        temporary.resolve("photos"), Optional.empty()),
                                new Ade20k.Config(
                                        temporary.resolve("ade"),
                                        Ade20k.Split.TRAIN,
                                        Background.IGNORED),
                                new ImageMasks.Config(
                                        scenes, masks, 2, Optional.empty(), Background.CLASS),
                                new HeldOut.Config(
                                        new World.Config(40, 32, 1),
                                        0.25,
                                        HeldOut.Part.HELD_OUT,
                                        0),
                                new PseudoCaptions.Config(photos),
                                new ExpandedLabels.Config(photos, temporary.resolve("is_a.txt"))));
        for (Class<?> kind : Source.class.getPermittedSubclasses()) {
            if (all.stream().noneMatch(kind::isInstance)) {
                all.add(example(kind));
            }
        }
        return all.toArray(Source[]::new);
    }

    /// One of a kind that is not listed here, from its own test: `NameOfTheDatasetTest.example`.
    private Source example(Class<?> kind) {
        try {
            return (Source)
                    Class.forName(kind.getEnclosingClass().getName() + "Test")
                            .getDeclaredMethod("example", Path.class)
                            .invoke(null, temporary);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(kind + " has no example in its test", e);
        }
    }

    @Test
    void everyKindOpensItsDataset() {
        Source[] sources = everyKind();
        int[] sizes = {7, 2, 1, 1, 2, 1, 1, SOME, 2, 2};
        assertThat(sources).hasSameSizeAs(Source.class.getPermittedSubclasses());
        for (int i = 0; i < sources.length; i++) {
            try (Dataset dataset = sources[i].open()) {
                if (i >= sizes.length) {
                    assertThat(dataset.size()).as(dataset.name()).isPositive();
                } else if (sizes[i] == SOME) {
                    assertThat(dataset.size()).as(dataset.name()).isBetween(1, 39);
                } else {
                    assertThat(dataset.size()).as(dataset.name()).isEqualTo(sizes[i]);
                }
            }
        }
    }

    @Test
    void whatIsKnownWithoutThePictureIsWhatIsKnownWithIt() throws Exception {
        for (Source source : everyKind()) {
            try (Dataset dataset = source.open()) {
                Set<Field> seen = EnumSet.noneOf(Field.class);
                for (int index = 0; index < dataset.size(); index++) {
                    Sample sample = dataset.readWithMask(index);
                    assertThat(sample.name()).isEqualTo(dataset.nameOf(index));
                    assertThat(dataset.labels(index)).isEqualTo(sample.labels());
                    assertThat(dataset.captions(index)).isEqualTo(sample.captions());
                    assertThat(sample.labels())
                            .allMatch(label -> label < dataset.classNames().size());
                    if (dataset.fields().contains(Field.LABELS)) {
                        assertThat(dataset.lacks(Field.LABELS, index).isPresent())
                                .as("a run is told before it starts: " + sample.name())
                                .isEqualTo(sample.labels().isEmpty());
                    }
                    seen.addAll(sample.labels().isEmpty() ? Set.of() : Set.of(Field.LABELS));
                    seen.addAll(sample.captions().isEmpty() ? Set.of() : Set.of(Field.CAPTIONS));
                    seen.addAll(sample.boxes().isEmpty() ? Set.of() : Set.of(Field.BOXES));
                    seen.addAll(sample.mask().isEmpty() ? Set.of() : Set.of(Field.MASKS));
                }
                assertThat(dataset.fields()).as(source.toString()).isEqualTo(seen);
                assertThat(dataset.classIds()).hasSameSizeAs(dataset.classNames());
            }
        }
    }

    /// What a plan does, in a fresh JVM that prints every class it loads.
    @Test
    void countingImagesLoadsNoNativeLibrary() throws IOException, InterruptedException {
        Tars.write(temporary.resolve("photos/cat/1.jpg"), "a cat");
        Path tar = Tars.pack(temporary.resolve("photos"));
        Path classes = temporary.resolve("classes.log");
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xshare:auto",
                                "-Xlog:class+load:file=" + classes,
                                "-cp",
                                System.getProperty("java.class.path"),
                                Counting.class.getName(),
                                temporary.resolve("photos").toString(),
                                tar.toString())
                        .redirectErrorStream(true)
                        .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        assertThat(output).isEqualTo("counted 1, 1 and 100" + System.lineSeparator());
        assertThat(classes)
                .content()
                .contains("dev.isoflop.data.tree.TarIndex")
                .doesNotContain("org.bytedeco");
    }

    static final class Counting {

        private Counting() {}

        public static void main(String[] arguments) {
            try (Dataset folder = new ImageFolder.Config(Path.of(arguments[0])).open();
                    Dataset tar = new ImageFolder.Config(Path.of(arguments[1])).open();
                    Dataset world = new World.Config(100, 32, 1).open()) {
                System.out.printf(
                        "counted %d, %d and %d%n", folder.size(), tar.size(), world.size());
            }
        }
    }
}
