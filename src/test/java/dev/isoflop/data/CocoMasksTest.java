package dev.isoflop.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.isoflop.fault.InputException;
import dev.isoflop.image.Encoded;
import dev.isoflop.image.Header;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.TreeMap;

class CocoMasksTest {

    /// Things that overlap, the smaller listed first; a crowd of run lengths.
    private static final String INSTANCES =
            """
            {"images": [{"id": 7, "file_name": "a.jpg", "width": 6, "height": 4}],
             "annotations": [
              {"id": 1, "image_id": 7, "category_id": 90, "area": 4, "iscrowd": 0,
               "bbox": [1, 1, 2, 2], "segmentation": [[1, 1, 3, 1, 3, 3, 1, 3]]},
              {"id": 2, "image_id": 7, "category_id": 2, "area": 16, "iscrowd": 0,
               "bbox": [0, 0, 4, 4], "segmentation": [ [0,0, 4,0, 4,4, 0,4], [1, 2, 3, 4] ]},
              {"id": 3, "image_id": 7, "category_id": 2, "area": 24, "iscrowd": 1,
               "bbox": [3, 0, 2, 4], "segmentation": {"counts": [12, 8, 4], "size": [4, 6]}}],
             "categories": [{"id": 90, "name": "dog"}, {"id": 2, "name": "cat"}]}
            """;

    @TempDir Path temporary;

    private Coco open(String json, Background background) {
        Tars.write(temporary.resolve("images/a.jpg"), "an image");
        Path file = temporary.resolve("i.json");
        Tars.write(file, json);
        return new Coco.Config(
                        temporary.resolve("images"),
                        Optional.empty(),
                        Optional.of(file),
                        background)
                .open();
    }

    private static String rows(Mask mask) {
        var rows = new StringBuilder();
        for (int y = 0; y < mask.height(); y++) {
            for (int x = 0; x < mask.width(); x++) {
                int value = mask.at(x, y);
                rows.append(value == 0 ? "." : value == Mask.IGNORED ? "#" : "" + value);
            }
            rows.append(" ");
        }
        return rows.toString().strip();
    }

    @Test
    void smallThingsLieAboveLargeOnesAndCrowdsAreIgnored() throws Exception {
        try (Coco coco = open(INSTANCES, Background.CLASS)) {
            assertThat(coco.fields()).contains(Field.MASKS);
            assertThat(coco.read(0).mask()).as("not unless asked for").isEmpty();
            Sample sample = coco.readWithMask(0);
            assertThat(rows(sample.mask().orElseThrow())).isEqualTo("1111#. 1221#. 1221#. 1111#.");
            assertThat(sample.labels()).containsExactly(0, 1);
            assertThat(MaskLabels.of(coco).names()).containsExactly("cat", "dog", "background");
        }
        try (Coco coco = open(INSTANCES, Background.IGNORED)) {
            assertThat(MaskLabels.of(coco).names()).containsExactly("cat", "dog");
        }
    }

    @Test
    void withoutOutlinesThereAreNoMasks() {
        String bare = INSTANCES.replace("\"segmentation\": [[1, 1", "\"outline\": [[1, 1");
        try (Coco coco = open(bare, Background.CLASS)) {
            assertThat(coco.fields()).containsExactlyInAnyOrder(Field.LABELS, Field.BOXES);
            assertThatExceptionOfType(InputException.class)
                    .isThrownBy(() -> MaskLabels.of(coco))
                    .withMessageContaining("images has no masks; take data.kind")
                    .withMessageEndingWith(
                            " (a.jpg: the segmentation of annotation 1 will not do: it has none)");
        }
    }

    private void refuses(String from, String to, String message) {
        assertThat(INSTANCES).contains(from);
        try (Coco coco = open(INSTANCES.replace(from, to), Background.CLASS)) {
            assertThatExceptionOfType(InputException.class)
                    .isThrownBy(() -> coco.readWithMask(0))
                    .withMessageEndingWith("i.json: the segmentation of annotation " + message);
        }
    }

    @Test
    void anOutlineThatWillNotDoIsNamedByItsAnnotation() {
        refuses("[12, 8, 4]", "[12, 8, 3]", "3 will not do: its runs cover 23 pixels of 6 x 4");
        refuses(
                "\"size\": [4, 6]",
                "\"size\": [6, 4]",
                "3 will not do: its size is [6,4], and its image is 6 x 4 (width x height)");
    }

    /// The same file with a second image, whose dog is whole.
    private static String beside(String from, String to) {
        assertThat(INSTANCES).contains(from);
        return INSTANCES
                .replace(from, to)
                .replace(
                        "4}],",
                        "4}, {\"id\": 8, \"file_name\": \"b.jpg\", \"width\": 6, \"height\": 4}],")
                .replace(
                        "\"annotations\": [",
                        """
                        "annotations": [
                         {"id": 9, "image_id": 8, "category_id": 90, "area": 4, "iscrowd": 0,
                          "bbox": [1, 1, 2, 2], "segmentation": [[1, 1, 3, 1, 3, 3, 1, 3]]},\
                        """);
    }

    private void lacksAMask(String from, String to, String why) {
        Tars.write(temporary.resolve("images/b.jpg"), "another image");
        try (Coco coco = open(beside(from, to), Background.CLASS)) {
            assertThat(coco.fields()).contains(Field.MASKS);
            assertThat(coco.lacks(Field.MASKS, 1)).isEmpty();
            assertThat(coco.lacks(Field.MASKS, 0))
                    .contains("the segmentation of annotation " + why);
            assertThatExceptionOfType(InputException.class)
                    .isThrownBy(() -> coco.readWithMask(0))
                    .withMessage("a.jpg can have no mask: the segmentation of annotation " + why);
        }
    }

    @Test
    void anImageLacksAMaskWhereAnOutlineWouldBecomeBackground() {
        String dog = "[[1, 1, 3, 1, 3, 3, 1, 3]]";
        lacksAMask(
                dog,
                "[[1, 1, 3, 3]]",
                "1 will not do: its polygon has 4 numbers and encloses nothing; write three corners"
                        + " or more, x and y in turn");
        lacksAMask(
                dog,
                "[]",
                "1 will not do: it is an empty list; leave it out, or write three corners or more");
        lacksAMask(dog, "null", "1 will not do: it has none");
        lacksAMask(
                dog,
                "[1, 1, 3, 1, 3, 3]",
                "1 will not do: it has 1 where a polygon should begin; write a list of lists:"
                        + " [[x, y, ...]]");
        lacksAMask(
                dog,
                "[[1, 1, 3, 1, 3, 3, 1]]",
                "1 will not do: a polygon has 7 numbers; it should have pairs");
        lacksAMask(dog, "[[1, 1, \"x\", 1]]", "1 will not do: a polygon's corner is \"x\"");
        lacksAMask(
                dog, "\"1 1\"", "1 will not do: it is \"1 1\", neither polygons nor run lengths");
        lacksAMask(
                "{\"counts\": [12, 8, 4], \"size\": [4, 6]}",
                "{\"counts\": [12, 8, 4]}",
                "3 will not do: its size is missing; write [height, width]");
    }

    @Test
    void aPolygonThatEnclosesNothingIsCounted() {
        try (Coco coco = open(INSTANCES, Background.CLASS)) {
            assertThat(coco.leftOut().getFirst().text())
                    .startsWith(
                            "polygons of fewer than three corners, beside others: 1 ("
                                    + "annotation 2 of ");
        }
    }

    @Test
    void anAreaThatIsNotSaidChangesNoMask() throws Exception {
        String unsaid =
                INSTANCES.replace("\"area\": 4,", "").replace("\"area\": 16,", "\"area\": null,");
        try (Coco coco = open(unsaid, Background.CLASS)) {
            assertThat(rows(coco.readWithMask(0).mask().orElseThrow()))
                    .isEqualTo("1111#. 1221#. 1221#. 1111#.");
        }
    }

    @Test
    void thePublishedFilesArePainted() throws Exception {
        Path real = Path.of("../shared/data/coco-mini");
        assumeTrue(Files.isDirectory(real), real + " is not here");
        Optional<Path> instances = Optional.of(real.resolve("annotations/instances_val2017.json"));
        try (Coco coco = Coco.open(real.resolve("val2017"), Optional.empty(), instances)) {
            MaskLabels labels = MaskLabels.of(coco);
            assertThat(labels.names()).hasSize(81);
            var pixels = new TreeMap<Integer, Long>();
            for (int index = 0; index < coco.size(); index++) {
                Sample sample = coco.readWithMask(index);
                Mask mask = sample.mask().orElseThrow();
                Header header = Header.read(sample.name(), ((Encoded) sample.picture()).bytes());
                assertThat(mask.width()).isEqualTo(header.width());
                assertThat(mask.height()).isEqualTo(header.height());
                for (byte label : labels.of(mask)) {
                    pixels.merge(label & 0xff, 1L, Long::sum);
                }
                for (LabelledBox box : sample.boxes()) {
                    assertThat(sample.labels()).contains(box.label());
                }
            }
            long all = pixels.values().stream().mapToLong(Long::longValue).sum();
            double background = (double) pixels.getOrDefault(80, 0L) / all;
            assertThat(background).as("share of background").isBetween(0.4, 0.9);
            assertThat(pixels).hasSizeGreaterThan(40).containsKey(MaskLabels.IGNORED);
        }
    }
}
