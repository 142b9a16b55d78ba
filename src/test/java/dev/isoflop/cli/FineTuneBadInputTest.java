package dev.isoflop.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.image.Png;
import dev.isoflop.image.Raster;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

import javax.imageio.ImageIO;

/// What a user of `isoflop finetune` reads when the input is wrong; status 2, and nothing is
/// written.
class FineTuneBadInputTest {

    private static final String RECIPE =
            """
            name: small
            task: {name: segmentation, channels: 16}
            encoder: {width: 64, depth: 1, heads: 2, patch: 8}
            image: 32
            data: {kind: world, images: 8}
            validation: {kind: world, images: 4, seed: 1}
            budget: 2 steps
            batch: 4
            optimiser: {warmup: 0}
            """;

    @TempDir private Path folder;

    private String refused(String... changes) throws IOException {
        Path recipe = Files.writeString(folder.resolve("r.yaml"), RECIPE);
        Path run = folder.resolve("run");
        String[] start = {"finetune", recipe.toString(), "--out", run.toString()};
        StringWriter err = new StringWriter();
        PrintWriter writer = new PrintWriter(err, true);
        String[] all = Stream.of(start, changes).flatMap(Stream::of).toArray(String[]::new);
        assertThat(Isoflop.run(writer, writer, all)).as(err.toString()).isEqualTo(2);
        assertThat(err.toString()).doesNotContain("\tat ");
        assertThat(err.toString().lines().toList())
                .as("after the plan, where a run had begun")
                .last()
                .asString()
                .startsWith("isoflop: ");
        return err.toString().strip();
    }

    private void assertNothingIsWritten() {
        assertThat(folder.resolve("run")).doesNotExist();
    }

    private Path pretrained() throws IOException {
        Path file =
                Files.writeString(
                        folder.resolve("p.yaml"),
                        """
                        name: before
                        method: {name: mae, decoder-width: 32, decoder-depth: 1, decoder-heads: 2}
                        encoder: {width: 32, depth: 1, heads: 2, patch: 8}
                        image: 32
                        data: {kind: world, images: 8}
                        budget: 1 steps
                        batch: 4
                        """);
        Path run = folder.resolve("before");
        PrintWriter nowhere = new PrintWriter(new StringWriter());
        assertThat(Isoflop.run(nowhere, nowhere, "pretrain", file.toString(), "--out", run + ""))
                .isZero();
        return run;
    }

    @Test
    void anEncoderThatDoesNotFitIsNamedWithBothSizes() throws IOException {
        String from = pretrained().toString();
        assertThat(refused("--from", from))
                .contains("encoder is ViT-64x1x2/8", "width 64", "width 32", "leave encoder out");
        assertThat(
                        refused(
                                "--from",
                                from,
                                "--set",
                                "encoder={width: 32, depth: 1, heads: 2, patch: 4}"))
                .contains("patch 4", "patch 8");
        assertNothingIsWritten();
    }

    @Test
    void anEncoderThatIsNotThereIsNamed() throws IOException {
        assertThat(refused("--from", "nothing.safetensors"))
                .contains("nothing.safetensors does not exist");
        assertThat(refused("--set", "from=" + folder)).contains("holds no run");
        assertNothingIsWritten();
    }

    @Test
    void aPatchThatDoesNotDivideTheImageIsRefused() throws IOException {
        assertThat(refused("--set", "image=36")).contains("multiple of the patch, 8");
        assertThat(refused("--set", "evaluation.crop=36"))
                .contains("evaluation.crop is 36; it must be a multiple of the patch, 8");
        assertNothingIsWritten();
    }

    /// Of COCO's, where a polygon of two corners would become background.
    @Test
    void imagesThatCanHaveNoMaskAreRefusedBeforeTheFirstStep() throws IOException {
        Path images = Files.createDirectories(folder.resolve("coco"));
        for (String name : new String[] {"a.png", "b.png"}) {
            Files.write(images.resolve(name), Png.encode(new Raster(8, 8, new byte[192])));
        }
        Path instances =
                Files.writeString(
                        folder.resolve("i.json"),
                        """
                        {"images": [{"id": 1, "file_name": "a.png", "width": 8, "height": 8},
                                    {"id": 2, "file_name": "b.png", "width": 8, "height": 8}],
                         "annotations": [
                          {"id": 5, "image_id": 1, "category_id": 7, "bbox": [0, 0, 4, 4],
                           "segmentation": [[0, 0, 4, 0, 4, 4, 0, 4]]},
                          {"id": 6, "image_id": 2, "category_id": 7, "bbox": [0, 0, 4, 4],
                           "segmentation": [[0, 0, 4, 4]]}],
                         "categories": [{"id": 7, "name": "cat"}]}
                        """);
        String coco = "={kind: coco, path: %s, instances: %s}".formatted(images, instances);
        assertThat(refused("--set", "data" + coco, "--set", "validation" + coco))
                .isEqualTo(
                        ("isoflop: 1 of the 2 images of %s lacks masks, the first b.png (the"
                             + " segmentation of annotation 6 will not do: its polygon has 4"
                             + " numbers and encloses nothing; write three corners or more, x and y"
                             + " in turn), which task segmentation learns from; correct the"
                             + " annotations, or take these images off the data")
                                .formatted(images));
        assertNothingIsWritten();
    }

    @Test
    void dataWithoutMasksIsRefused() throws IOException {
        Path images = Files.createDirectories(folder.resolve("images/a"));
        Files.write(images.resolve("1.png"), Png.encode(new Raster(8, 8, new byte[192])));
        assertThat(refused("--set", "data={kind: folder, path: " + images + "}"))
                .contains("has no masks");
        assertNothingIsWritten();
    }

    @Test
    void dataOfOneClassAreRefusedForThereIsNothingToTellApart() throws IOException {
        masks(8, 1);
        String one = data().replace("classes: 2", "classes: 1");
        assertThat(refused("--set", one, "--set", "hold-out=0.4"))
                .contains("has one class, ", "there is nothing to tell apart", "background: class");
        assertNothingIsWritten();
    }

    @Test
    void aRunThatGoesOnKeepsItsBaseline() {
        StringWriter err = new StringWriter();
        PrintWriter writer = new PrintWriter(err, true);
        assertThat(Isoflop.run(writer, writer, "finetune", "--resume", "runs/x", "--no-baseline"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("--resume takes the run as it is");
    }

    @Test
    void moreClassesThanTheTaskHasAreRefused() throws IOException {
        assertThat(refused("--set", "task.classes=48"))
                .contains("task.classes is 48, but world, seed 0 has 49 classes");
        assertNothingIsWritten();
    }

    @Test
    void withoutAnythingToJudgeOnNothingBegins() throws IOException {
        assertThat(refused("--set", "hold-out=0.0001", "--set", "data.images=20"))
                .contains("part held-out");
        Path empty = Files.createDirectories(folder.resolve("empty"));
        assertThat(refused("--set", "validation={kind: folder, path: " + empty + "}"))
                .contains("empty");
        assertNothingIsWritten();
    }

    @Test
    void aMaskOfAnotherSizeThanItsImageEndsTheRunWithBothSizes() throws IOException {
        masks(9, 1);
        assertThat(
                        refused(
                                "--set",
                                data(),
                                "--set",
                                "hold-out=0.4",
                                "--set",
                                "evaluation={base: 0}"))
                .contains("9 x 9", "8 x 8");
    }

    @Test
    void aLabelOutsideTheClassesEndsTheRunWithItsFile() throws IOException {
        masks(8, 7);
        assertThat(refused("--set", data(), "--set", "hold-out=0.4")).contains(".png", "7");
    }

    private String data() {
        return "data={kind: image-mask, path: %s, masks: %s, classes: 2}"
                .formatted(folder.resolve("i"), folder.resolve("m"));
    }

    /// Images of 8 x 8, and masks of a size and a value.
    private void masks(int side, int value) throws IOException {
        Path images = Files.createDirectories(folder.resolve("i"));
        Path masks = Files.createDirectories(folder.resolve("m"));
        for (int i = 0; i < 12; i++) {
            Files.write(images.resolve(i + ".png"), Png.encode(new Raster(8, 8, new byte[192])));
            BufferedImage mask = new BufferedImage(side, side, BufferedImage.TYPE_BYTE_GRAY);
            for (int at = 0; at < side * side; at++) {
                mask.getRaster().setSample(at % side, at / side, 0, value);
            }
            ImageIO.write(mask, "png", masks.resolve(i + ".png").toFile());
        }
    }

    @Test
    void whatFineTunesIsNotPretrainedNorTheOtherWayRound() throws IOException {
        StringWriter err = new StringWriter();
        PrintWriter writer = new PrintWriter(err, true);
        assertThat(Isoflop.run(writer, writer, "finetune", "recipes/demo/mae.yaml")).isEqualTo(2);
        assertThat(err.toString()).contains("is a pre-training recipe", "take isoflop pretrain");
        assertThat(refused("--task", "detection")).contains("--task is detection; there is segm");
        assertThat(refused("--search-on", "test")).contains("write held-out or val");
        assertThat(refused("--set", "task.clases=3")).contains("did you mean");
    }
}
