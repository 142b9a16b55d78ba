package dev.isoflop.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.isoflop.fault.InputException;
import dev.isoflop.image.Box;
import dev.isoflop.image.Encoded;
import dev.isoflop.image.Header;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

class CocoTest {

    /// Categories come last, as in the published files, and have gaps.
    private static final String INSTANCES =
            """
            {"info": {"year": 2017},
             "images": [{"id": 7, "file_name": "b.jpg", "width": 100, "height": 50},
                        {"id": 3, "file_name": "a.jpg", "width": 64, "height": 64}],
             "annotations": [
              {"id": 1, "image_id": 7, "category_id": 90, "area": 20.5, "iscrowd": 0,
               "bbox": [10.2, 5.9, 20.1, 8], "segmentation": [[1, 2, 3, 4]]},
              {"id": 2, "image_id": 7, "category_id": 2, "area": 15, "iscrowd": 0,
               "bbox": [95, 40, 9.5, 20]},
              {"id": 3, "image_id": 7, "category_id": 2, "area": 15, "iscrowd": 1,
               "bbox": [0, 0, 9, 9], "segmentation": {"counts": [1, 2], "size": [50, 100]}}],
             "categories": [{"id": 90, "name": "dog"}, {"id": 2, "name": "cat"},
                            {"id": 5, "name": "bus"}]}
            """;

    private static final String CAPTIONS =
            """
            {"annotations": [
              {"id": 4, "image_id": 7, "caption": "two cats "},
              {"id": 5, "image_id": 3, "caption": "nothing"},
              {"id": 6, "image_id": 7, "caption": "a dog and\\ncats"}],
             "images": [{"id": 3, "file_name": "a.jpg"}, {"id": 7, "file_name": "b.jpg"}]}
            """;

    @TempDir Path temporary;

    private Path images() {
        Tars.write(temporary.resolve("train/a.jpg"), "image a");
        Tars.write(temporary.resolve("train/b.jpg"), "image b");
        Tars.write(temporary.resolve("train/unlisted.jpg"), "another");
        return temporary.resolve("train");
    }

    private Optional<Path> file(String name, String json) {
        Path file = temporary.resolve(name);
        Tars.write(file, json);
        return Optional.of(file);
    }

    private String refusal(Optional<Path> captions, Optional<Path> instances) {
        try {
            Coco.open(images(), captions, instances).close();
            return "none";
        } catch (InputException e) {
            return String.valueOf(e.getMessage()).replace(temporary + "/", "");
        }
    }

    private String refusalOfCaptions(String json) {
        return refusal(file("c.json", json), Optional.empty());
    }

    private String refusalOfInstances(String json) {
        return refusal(Optional.empty(), file("i.json", json));
    }

    @Test
    void captionsLabelsAndBoxesBelongToTheirImages() throws IOException {
        try (Coco coco = Coco.open(images(), file("c.json", CAPTIONS), file("i.json", INSTANCES))) {
            assertThat(coco.size()).isEqualTo(2);
            assertThat(coco.fields())
                    .containsExactlyInAnyOrder(Field.LABELS, Field.CAPTIONS, Field.BOXES);
            assertThat(coco.classNames()).containsExactly("cat", "bus", "dog");
            Sample b = coco.read(1);
            assertThat(b.name()).isEqualTo("b.jpg");
            assertThat(((Encoded) b.picture()).bytes()).asString().isEqualTo("image b");
            assertThat(b.captions()).containsExactly("two cats", "a dog and\ncats");
            assertThat(b.labels()).as("cats cover 30, the dog 20.5").containsExactly(0, 2);
            assertThat(b.boxes())
                    .as("whole pixels within the image; the crowd is no box")
                    .containsExactly(
                            new LabelledBox(new Box(10, 5, 21, 9), 2),
                            new LabelledBox(new Box(95, 40, 5, 10), 0));
            assertThat(coco.labels(0)).isEmpty();
            assertThat(coco.lacks(Field.LABELS, 0)).contains("nothing is annotated");
            assertThat(coco.lacks(Field.LABELS, 1)).isEmpty();
            assertThat(coco.captions(0)).containsExactly("nothing");
        }
    }

    @Test
    void eitherFileWillDo() throws IOException {
        try (Coco coco = Coco.open(images(), file("c.json", CAPTIONS), Optional.empty())) {
            assertThat(coco.fields()).containsExactly(Field.CAPTIONS);
            assertThat(coco.classNames()).isEmpty();
        }
        try (Coco coco = Coco.open(images(), Optional.empty(), file("i.json", INSTANCES))) {
            assertThat(coco.fields()).containsExactlyInAnyOrder(Field.LABELS, Field.BOXES);
            assertThat(coco.captions(1)).isEmpty();
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Coco.Config(images(), Optional.empty(), Optional.empty()))
                .withMessageStartingWith("captions is missing, and so is instances; name one");
    }

    @Test
    void imagesAreFoundInATarAndBelowAFolder() throws IOException {
        Path tar = Tars.pack(images());
        try (Coco coco = Coco.open(tar, file("c.json", CAPTIONS), Optional.empty())) {
            assertThat(coco.read(0).name()).isEqualTo("train/a.jpg");
        }
        Files.delete(tar);
        try (Coco coco = Coco.open(temporary, file("c.json", CAPTIONS), Optional.empty())) {
            assertThat(coco.nameOf(1)).isEqualTo("train/b.jpg");
        }
        Tars.write(temporary.resolve("val/b.jpg"), "another b");
        assertThat(refusalBelow(temporary))
                .endsWith(
                        " holds b.jpg twice: train/b.jpg and val/b.jpg; name the folder of one of"
                                + " them");
    }

    private String refusalBelow(Path folder) {
        try {
            Coco.open(folder, file("c.json", CAPTIONS), Optional.empty()).close();
            return "none";
        } catch (InputException e) {
            return String.valueOf(e.getMessage());
        }
    }

    @Test
    void aDamagedFileIsNamedWithThePlace() {
        assertThat(refusalOfCaptions(CAPTIONS.substring(0, 100)))
                .startsWith("c.json:3:")
                .contains("  is damaged: Unexpected end-of-input")
                .endsWith("; copy or download it again");
        assertThat(refusalOfCaptions("image,caption\n"))
                .startsWith("c.json:1:")
                .contains("damaged");
        assertThat(refusalOfCaptions(CAPTIONS.replace("\"image_id\": 3", "\"image_id\": \"x\"")))
                .startsWith("c.json:3:")
                .endsWith("  annotations[1].image_id is \"x\"; write a whole number");
    }

    @Test
    void anotherLayoutIsRefused() {
        assertThat(refusalOfCaptions("[]"))
                .isEqualTo(
                        "c.json is not laid out as COCO: it is no JSON object; images and"
                                + " annotations are needed");
        assertThat(refusalOfCaptions("{\"a.jpg\": [\"a cat\"]}"))
                .isEqualTo(
                        "c.json is not laid out as COCO: it has a.jpg; images and annotations are"
                                + " needed");
        assertThat(refusalOfCaptions("{\"images\": {}, \"annotations\": []}"))
                .isEqualTo("c.json:1:12  images is no list");
        assertThat(refusalOfCaptions(INSTANCES))
                .endsWith("  annotation 1 has no caption; name COCO's captions_*.json");
        assertThat(refusalOfInstances(CAPTIONS))
                .endsWith("  annotation 4 is a caption; name COCO's instances_*.json");
        assertThat(refusal(Optional.of(temporary.resolve("no.json")), Optional.empty()))
                .isEqualTo("no.json does not exist; name COCO's captions_*.json");
    }

    @Test
    void annotationsOfImagesThatAreNotListedAreRefused() {
        assertThat(refusalOfCaptions(CAPTIONS.replace("\"image_id\": 3", "\"image_id\": 4")))
                .isEqualTo(
                        "c.json annotates 1 images that it does not list (it lists 2): 4; copy or"
                                + " download it again");
        assertThat(
                        refusalOfInstances(
                                INSTANCES.replace("\"category_id\": 90", "\"category_id\": 1")))
                .isEqualTo(
                        "i.json has the category 1 in image 7, and does not list it among its 3"
                                + " categories");
        assertThat(refusalOfCaptions(CAPTIONS.replace("\"id\": 3", "\"id\": 7")))
                .endsWith(
                        "  the image 7 is listed twice: as a.jpg, and as b.jpg; give each image an"
                                + " id of its own");
    }

    @Test
    void imagesThatAreNotInTheFolderAreNamed() {
        assertThat(refusalOfCaptions(CAPTIONS.replace("a.jpg", "x.jpg")))
                .isEqualTo(
                        "1 of the 2 images that c.json lists are not in train: x.jpg; copy them"
                                + " there, or take them off the list");
    }

    @Test
    void captionsOfOtherImagesAreRefused() {
        assertThat(refusalOfCaptions(CAPTIONS.replace("a.jpg", "x.jpg").replace("b.jpg", "y.jpg")))
                .isEqualTo(
                        "none of the 2 images that c.json lists is in train (3 images, such as"
                                + " a.jpg); name images and annotations of the same part");
    }

    @Test
    void anImageWithoutACaptionIsRefused() {
        assertThat(refusalOfCaptions(CAPTIONS.replace("nothing", " ")))
                .isEqualTo(
                        "c.json has no caption for 1 of the 2 images: a.jpg; take them off the"
                                + " list, or leave the captions out");
    }

    /// One image of 40 x 30, and what is annotated in it.
    private static String instances(String annotations) {
        return """
        {"images": [{"id": 7, "file_name": "a.jpg", "width": 40, "height": 30}],
         "annotations": [%s],
         "categories": [{"id": 3, "name": "dog"}, {"id": 7, "name": "cat"},
                        {"id": 90, "name": "tree"}]}
        """
                .formatted(annotations);
    }

    /// A cat of 20 x 20.
    private static String cat(String keys) {
        return "{\"id\": 1, \"image_id\": 7, \"category_id\": 7, \"bbox\": [2, 2, 20, 20], "
                + keys
                + "}";
    }

    private static final String DOG =
            """
            {"id": 2, "image_id": 7, "category_id": 3, "bbox": [5, 5, 4, 4], "area": 16}\
            """;

    private Coco openInstances(String json) {
        return Coco.open(images(), Optional.empty(), file("i.json", json));
    }

    @Test
    void anImageThatIsListedTwiceHasWhatIsSaidOfBoth() throws IOException {
        String twice =
                instances(
                                DOG
                                        + ", "
                                        + cat("\"area\": 400")
                                        + ", "
                                        + """
                                        {"id": 9, "image_id": 9, "category_id": 90, "bbox": [0, 0, 30, 30],
                                         "area": 900}\
                                        """)
                        .replace(
                                "]," + "\n \"annotations",
                                """
                                , {"id": 9, "file_name": "a.jpg", "width": 40, "height": 30}],
                                 "annotations\
                                """);
        try (Coco coco = openInstances(twice)) {
            assertThat(coco.size()).isEqualTo(1);
            assertThat(coco.labels(0))
                    .as("the first listing's come first")
                    .containsExactly(1, 0, 2);
            assertThat(coco.read(0).boxes()).hasSize(3);
        }
        assertThat(
                        refusalOfInstances(
                                twice.replace("40, \"height\": 30}],", "30, \"height\": 40}],")))
                .isEqualTo(
                        "a.jpg is listed twice: as 40 x 30, and in i.json as 30 x 40 (width x"
                                + " height); correct the listing that is not the image's");
    }

    @Test
    void filesThatNumberImagesDifferentlyAreJoinedByTheImagesNames() throws IOException {
        String swapped =
                CAPTIONS.replace("image_id\": 7", "image_id\": X")
                        .replace("\"id\": 7", "\"id\": X")
                        .replace("image_id\": 3", "image_id\": 7")
                        .replace("\"id\": 3", "\"id\": 7")
                        .replace("X", "3");
        try (Coco coco = Coco.open(images(), file("c.json", swapped), file("i.json", INSTANCES))) {
            assertThat(coco.nameOf(1)).isEqualTo("b.jpg");
            assertThat(coco.captions(1)).containsExactly("two cats", "a dog and\ncats");
            assertThat(coco.labels(1)).containsExactly(0, 2);
            assertThat(coco.captions(0)).containsExactly("nothing");
        }
        String sized = swapped.replace("\"a.jpg\"", "\"a.jpg\", \"width\": 64, \"height\": 65");
        assertThat(refusal(file("c.json", sized), file("i.json", INSTANCES)))
                .startsWith("a.jpg is listed twice: as 64 x 65, and in i.json as 64 x 64 ");
    }

    @Test
    void anAreaThatIsNotSaidIsMeasured() throws IOException {
        String outline = "\"segmentation\": [[2, 2, 22, 2, 22, 22, 2, 22]]";
        for (String area :
                new String[] {"", "\"area\": null, ", "\"area\": 0, ", "\"area\": NaN, "}) {
            for (String around : new String[] {outline, "\"iscrowd\": 0"}) {
                try (Coco coco = openInstances(instances(DOG + ", " + cat(area + around)))) {
                    assertThat(coco.labels(0)).as(area + around).containsExactly(1, 0);
                }
            }
        }
        String thin = "\"segmentation\": [[2, 2, 22, 2, 22, 2.5, 2, 2.5]]";
        try (Coco coco = openInstances(instances(DOG + ", " + cat(thin)))) {
            assertThat(coco.labels(0)).as("10 pixels of the outline").containsExactly(0, 1);
        }
        String runs = "\"segmentation\": {\"size\": [30, 40], \"counts\": [0, 12, 1188]}";
        try (Coco coco = openInstances(instances(DOG + ", " + cat(runs)))) {
            assertThat(coco.labels(0)).as("12 pixels of the runs").containsExactly(0, 1);
        }
    }

    @Test
    void whatHoldsNoPixelOfItsImageIsLeftOutAndCounted() throws IOException {
        String outside =
                instances(
                        """
                        {"id": 1, "image_id": 7, "category_id": 7, "bbox": [-5, -5, 20, 20]},
                        {"id": 2, "image_id": 7, "category_id": 3, "bbox": [100, 100, 5, 5]},
                        {"id": 3, "image_id": 7, "category_id": 3, "bbox": [-9, 3, 4, 4]},
                        {"id": 4, "image_id": 7, "category_id": 90, "bbox": [9.5, 3.5, 0, 0]}\
                        """);
        try (Coco coco = openInstances(outside)) {
            assertThat(coco.labels(0)).containsExactly(1, 2);
            assertThat(coco.read(0).boxes())
                    .containsExactly(
                            new LabelledBox(new Box(0, 0, 15, 15), 1),
                            new LabelledBox(new Box(9, 3, 1, 1), 2));
            assertThat(coco.leftOut())
                    .extracting(left -> left.textOf(coco.name()))
                    .containsExactly(
                            "left out of %s: annotations whose box holds no pixel of the image: 2 (annotation 2, of a.jpg; annotation 3, of a.jpg)"
                                    .formatted(coco.name()),
                            "left out of %s: images that no annotation file lists: 2 (b.jpg; unlisted.jpg)"
                                    .formatted(coco.name()));
        }
    }

    @Test
    void aCaptionWithoutATextIsLeftOutAndCounted() throws IOException {
        String one = CAPTIONS.replace("\"two cats \"", "null");
        try (Coco coco = Coco.open(images(), file("c.json", one), Optional.empty())) {
            assertThat(coco.captions(1)).containsExactly("a dog and\ncats");
            assertThat(coco.leftOut().getFirst().text())
                    .startsWith("captions without a text: 1 (annotation 4 of ");
        }
        assertThat(refusalOfCaptions(CAPTIONS.replace("\"nothing\"", "null")))
                .startsWith("c.json has no caption for 1 of the 2 images: a.jpg; ");
        assertThat(refusalOfCaptions(CAPTIONS.replace("\"nothing\"", "5")))
                .endsWith("annotations[1].caption is 5; write a text in double quotes");
    }

    private String refusalOfCategory(String category) {
        return refusalOfInstances(INSTANCES.replace("{\"id\": 5, \"name\": \"bus\"}", category));
    }

    @Test
    void aCategoryHasANumberAndANameOfItsOwn() {
        assertThat(refusalOfCategory("{\"id\": 2, \"name\": \"horse\"}"))
                .startsWith("i.json:12:")
                .endsWith(
                        "  the category 2 is listed twice: as cat, and as horse; remove one, or"
                                + " give it an id of its own");
        assertThat(refusalOfCategory("{\"id\": 5, \"name\": \"cat\"}"))
                .endsWith(
                        "  the categories 2 and 5 are both named cat; give each a name of its own,"
                                + " or their annotations one category_id");
        for (String nameless : new String[] {"", ", \"name\": null", ", \"name\": \" \""}) {
            assertThat(refusalOfCategory("{\"id\": 5" + nameless + "}"))
                    .endsWith(
                            "  the category 5 has no name; give it one, such as \"name\": \"cat\"");
        }
        assertThat(refusalOfCategory("{\"name\": \"bus\"}"))
                .endsWith(
                        "  the category \"bus\" has no id; give it the category_id of its"
                                + " annotations");
        assertThat(refusalOfCategory("{\"id\": 2, \"name\": \"cat\"}"))
                .as("said again, the same")
                .isEqualTo("none");
    }

    @Test
    void valuesOfAPlainMeaningAreTaken() throws IOException {
        String plain =
                INSTANCES
                        .replace("\"id\": 7", "\"id\": -7")
                        .replace("\"image_id\": 7", "\"image_id\": -7.0")
                        .replace("\"iscrowd\": 0", "\"iscrowd\": false")
                        .replace("\"iscrowd\": 1", "\"iscrowd\": true")
                        .replace("\"width\": 64", "\"width\": null");
        try (Coco coco = openInstances(plain)) {
            assertThat(coco.labels(1)).containsExactly(0, 2);
            assertThat(coco.read(1).boxes()).as("the crowd is no box").hasSize(2);
        }
    }

    private void refusesInstead(String from, String to, String message) {
        assertThat(INSTANCES).contains(from);
        assertThat(refusalOfInstances(INSTANCES.replace(from, to)))
                .startsWith("i.json:")
                .endsWith("  " + message);
    }

    @Test
    void anOddValueIsRefusedWithItsPlaceAndWhatWouldDo() {
        refusesInstead(
                "\"iscrowd\": 1",
                "\"iscrowd\": \"1\"",
                "annotations[2].iscrowd is \"1\"; write 0 or 1");
        refusesInstead(
                "\"iscrowd\": 1", "\"iscrowd\": 2", "annotations[2].iscrowd is 2; write 0 or 1");
        refusesInstead(
                "\"area\": 20.5",
                "\"area\": \"20\"",
                "annotations[0].area is \"20\"; write a number");
        refusesInstead(
                "\"image_id\": 7",
                "\"image_id\": 7.5",
                "annotations[0].image_id is 7.5; write a whole number");
        refusesInstead(
                "{\"id\": 3,",
                "{\"id\": 99999999999999999999,",
                "images[1].id is 99999999999999999999; write a whole number");
        refusesInstead(
                "\"width\": 64",
                "\"width\": 0",
                "images[1].width is 0; write its pixels, or leave it out");
        refusesInstead("\"a.jpg\"", "null", "the image 3 has no file_name; give it that");
        refusesInstead(
                "[10.2, 5.9, 20.1, 8]",
                "[10.2, NaN, 20.1, 8]",
                "annotations[0].bbox[1] is NaN; write a number");
        refusesInstead(
                "[10.2, 5.9, 20.1, 8]",
                "[10.2, 5.9, 20.1]",
                "annotation 1 has a bbox of 3 numbers; write [left, top, width, height] in pixels");
        refusesInstead(
                "[10.2, 5.9, 20.1, 8]",
                "[10.2, 5.9, -20, 8]",
                "the bbox of annotation 1 is -20.0 wide and 8.0 high; write [left, top, width,"
                        + " height] in pixels");
        refusesInstead(
                "\"category_id\": 90",
                "\"category_id\": null",
                "annotation 1 has no category_id; give it the id of one of the categories, or name"
                        + " COCO's instances_*.json");
        refusesInstead(
                "\"image_id\": 7",
                "\"image_id\": null",
                "annotation 1 has no image_id; give it the id of one of the images");
        refusesInstead(
                "\"info\": {\"year\": 2017}",
                "\"images\": []",
                "images stands here again; make one list of both");
    }

    @Test
    void thePublishedFilesAreRead() throws Exception {
        Path real = Path.of("../shared/data/coco-mini");
        assumeTrue(Files.isDirectory(real), real + " is not here");
        Optional<Path> captions = Optional.of(real.resolve("annotations/captions_val2017.json"));
        Optional<Path> instances = Optional.of(real.resolve("annotations/instances_val2017.json"));
        try (Coco coco = Coco.open(real.resolve("val2017"), captions, instances)) {
            assertThat(coco.size()).isEqualTo(79);
            assertThat(coco.classNames()).hasSize(80).startsWith("person").endsWith("toothbrush");
            Set<Integer> labels = new HashSet<>();
            for (int index = 0; index < coco.size(); index++) {
                Sample sample = coco.read(index);
                assertThat(sample.captions()).hasSizeBetween(5, 7).doesNotContain("");
                labels.addAll(sample.labels());
                Header header = Header.read(sample.name(), ((Encoded) sample.picture()).bytes());
                for (LabelledBox box : sample.boxes()) {
                    assertThat(sample.labels()).contains(box.label());
                    assertThat(box.box().x() + box.box().width())
                            .isLessThanOrEqualTo(header.width());
                    assertThat(box.box().y() + box.box().height())
                            .isLessThanOrEqualTo(header.height());
                }
            }
            assertThat(labels).hasSizeGreaterThan(40).allMatch(label -> label >= 0 && label < 80);
        }
    }
}
