package dev.isoflop.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.isoflop.files.Sha256;
import dev.isoflop.run.DataCard;
import dev.isoflop.run.DataListing;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Data have a card by which they are known again.
class IdentityTest {

    @TempDir private Path folder = Path.of("");

    private static DataCard card(Source source) {
        try (Dataset data = source.open()) {
            return Identity.of(data).card();
        }
    }

    private Path pictures(String root) {
        Path path = folder.resolve(root);
        for (String name : List.of("cats/1.jpg", "cats/2.jpg", "dogs/1.jpg")) {
            Tars.write(path.resolve(name), "not read: " + name);
        }
        return path;
    }

    @Test
    void aCopyElsewhereHasTheSameCardAndNoPathIsInIt() {
        DataCard one = card(new ImageFolder.Config(pictures("one")));
        assertThat(one).isEqualTo(card(new ImageFolder.Config(pictures("two"))));
        assertThat(one.line()).doesNotContain("one").doesNotContain("not read");
        assertThat(one.kind()).isEqualTo("folder");
        assertThat(one.images()).isEqualTo(3);
        assertThat(one.parts()).containsOnlyKeys("images", "classes");
    }

    @Test
    void anArchiveOfAFolderHasTheCardOfTheFolder() throws IOException {
        Path packed = Tars.pack(pictures("holder/one"));
        Path tar = Files.move(packed, folder.resolve("one.tar"));
        assertThat(card(new ImageFolder.Config(tar)))
                .isEqualTo(card(new ImageFolder.Config(folder.resolve("holder"))));
    }

    @Test
    void aPartThatIsHeldOutHasACardOfItsOwn() {
        var whole = new ImageFolder.Config(pictures("one"));
        DataCard train = card(new HeldOut.Config(whole, 0.5, HeldOut.Part.TRAIN, 3));
        DataCard held = card(new HeldOut.Config(whole, 0.5, HeldOut.Part.HELD_OUT, 3));
        assertThat(train.images() + held.images()).isEqualTo(3);
        assertThat(train.digest()).isNotEqualTo(held.digest());
    }

    @Test
    void aLabelThatMovedIsNoticed() throws IOException {
        Path path = folder.resolve("tiny");
        Tars.write(path.resolve("wnids.txt"), "n1\nn2\n");
        Tars.write(path.resolve("words.txt"), "n1\tcat\nn2\tdog\n");
        Tars.write(path.resolve("val/images/a.JPEG"), "a");
        Tars.write(path.resolve("val/val_annotations.txt"), "a.JPEG\tn1\t0\t0\t9\t9\n");
        var source = new TinyImageNet.Config(path, TinyImageNet.Split.VAL);
        DataCard then = card(source);
        Tars.write(path.resolve("val/val_annotations.txt"), "a.JPEG\tn2\t0\t0\t9\t9\n");
        assertThat(then.difference(card(source))).contains("other annotations");
        Tars.write(path.resolve("val/val_annotations.txt"), "a.JPEG\tn1\t0\t0\t9\t9\n");
        Tars.write(path.resolve("words.txt"), "n1\tlion\nn2\tdog\n");
        assertThat(then.difference(card(source))).contains("other classes");
    }

    @Test
    void anAnnotationFileIsKnownByItsContent() throws IOException {
        Path images = folder.resolve("images");
        Tars.write(images.resolve("1.jpg"), "not read");
        Path file = folder.resolve("captions.json");
        String json =
                """
                {"images": [{"id": 1, "file_name": "1.jpg", "width": 8, "height": 8}],
                 "annotations": [{"id": 1, "image_id": 1, "caption": "a cat"}]}
                """;
        Files.writeString(file, json);
        var source = new Coco.Config(images, Optional.of(file), Optional.empty());
        DataCard then = card(source);
        assertThat(then.parts())
                .containsEntry("captions", Sha256.of(json.getBytes(StandardCharsets.UTF_8)));
        Files.writeString(file, json.replace("a cat", "a dog"));
        assertThat(then.difference(card(source))).contains("other captions");
    }

    @Test
    void anotherMaskIsNoticedAndSoIsWhatAClassIsAKindOf() throws IOException {
        Path images = folder.resolve("images");
        Path masks = folder.resolve("masks");
        Tars.write(images.resolve("1.jpg"), "not read");
        Tars.write(masks.resolve("1.png"), "not read either");
        var source = new ImageMasks.Config(images, masks, 2, Optional.empty(), Background.IGNORED);
        DataCard then = card(source);
        Tars.write(masks.resolve("1.png"), "of another length");
        assertThat(then.difference(card(source))).contains("other masks");
    }

    @Test
    void aWorldIsKnownByItsSettingsAndItsGenerator() {
        DataCard card = card(new World.Config(Integer.MAX_VALUE, 64, 5));
        assertThat(card.images()).isEqualTo(Integer.MAX_VALUE);
        assertThat(card.parts())
                .containsEntry("generator", String.valueOf(World.GENERATOR))
                .containsEntry("seed", "5");
        assertThat(card.difference(card(new World.Config(Integer.MAX_VALUE, 64, 6))))
                .contains("seed 5 then, 6 now");
    }

    /// Whoever changes what an index shows raises {@link World#GENERATOR} and then this figure.
    @Test
    void whatTheGeneratorDrawsIsWhatItsNumberSays() {
        World world = new World.Config(100, 32, 7).open();
        var drawn = new StringBuilder();
        for (int index = 0; index < 10; index++) {
            Sample sample = world.read(index);
            drawn.append(sample.labels()).append(sample.captions()).append(sample.boxes());
        }
        assertThat(
                        Map.of(
                                World.GENERATOR,
                                Sha256.of(drawn.toString().getBytes(StandardCharsets.UTF_8))))
                .isEqualTo(
                        Map.of(
                                1,
                                "20314949b3c66448165f279bfb958e8acc12e1ea64d0e6cd392ccb08a11fa9bd"));
    }

    @Test
    void aListingNamesTheFirstPictureThatIsAnother() {
        var then = new DataListing(List.of(line(1, "a"), line(2, "b"), line(3, "c")));
        assertThat(then.firstDifference(then)).isEmpty();
        assertThat(then.firstDifference(listing(line(1, "a"), line(2, "b"))))
                .contains("c is missing");
        assertThat(then.firstDifference(listing(line(1, "a"), line(3, "c"))))
                .contains("b is missing");
        assertThat(then.firstDifference(listing(line(9, "0"), line(1, "a"), line(2, "b"))))
                .contains("0 is new");
        assertThat(then.firstDifference(listing(line(1, "a"), line(5, "b"), line(3, "c"))))
                .contains("b had 2 bytes and has 5");
        assertThat(then.firstDifference(listing(line(2, "b"), line(1, "a"), line(3, "c"))))
                .contains("a stands in another place");
        assertThat(listing().firstDifference(then)).contains("a is new");
        assertThat(then.firstDifference(listing())).contains("a is missing");
    }

    private static DataListing listing(String... lines) {
        return new DataListing(List.of(lines));
    }

    private static String line(long bytes, String name) {
        return DataListing.line(bytes, name);
    }

    @Test
    void theCardOfManyPicturesIsMadeInATwinkling() {
        Path real = Path.of("../shared/data/tiny-imagenet-200.tar");
        assumeTrue(Files.exists(real), real + " is not here");
        try (Dataset data = new ImageFolder.Config(real).open()) {
            assertThat(data.size()).isEqualTo(22_000);
            double least = Double.POSITIVE_INFINITY;
            for (int i = 0; i < 5; i++) { // the machine may be busy
                long start = System.nanoTime();
                assertThat(Identity.of(data).listing()).isPresent();
                least = Math.min(least, (System.nanoTime() - start) / 1e9);
            }
            assertThat(least).as("seconds").isLessThan(0.2);
        }
    }
}
