package dev.isoflop.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.image.Png;
import dev.isoflop.image.Raster;
import dev.isoflop.run.RunFolder;
import dev.isoflop.text.Tokenizer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import javax.imageio.ImageIO;

/// What a user reads when the input is wrong: where, what was found, what would do; status 2, no
/// trace of the stack.
class BadInputTest {

    private static final String RECIPE =
            """
            name: small
            method:
              name: mae
              mask-ratio: 0.75
              decoder-width: 32
              decoder-depth: 1
              decoder-heads: 2
            encoder: {width: 64, depth: 1, heads: 2, patch: 8}
            image: 32
            data: {kind: world, images: 50}
            budget: 2 steps
            batch: 4
            """;

    @TempDir private Path folder;

    /// Runs `pretrain` on a recipe and returns what it says.
    private String refused(int status, String recipe) throws IOException {
        Path file = folder.resolve("r.yaml");
        Files.writeString(file, recipe);
        return refused(
                status, "pretrain", file.toString(), "--out", folder.resolve("run").toString());
    }

    private static String refused(int status, String... arguments) {
        StringWriter err = new StringWriter();
        PrintWriter writer = new PrintWriter(err, true);
        assertThat(Isoflop.run(writer, writer, arguments)).as(err.toString()).isEqualTo(status);
        assertThat(err.toString()).doesNotContain("\tat ").containsPattern("(?m)^isoflop: ");
        return err.toString().strip();
    }

    private String file() {
        return folder.resolve("r.yaml").toString();
    }

    @Test
    void aMisspeltKeyIsAnsweredWithTheNearest() throws IOException {
        String text = refused(2, RECIPE.replace("mask-ratio: 0.75", "mask-ration: 0.75"));
        assertThat(text)
                .isEqualTo(
                        "isoflop: "
                                + file()
                                + ":4:3  method.mask-ration is not known here; did you mean"
                                + " mask-ratio?");
        assertThat(folder.resolve("run")).doesNotExist();
    }

    @Test
    void anUnknownKeyIsAnError() throws IOException {
        assertThat(refused(2, RECIPE + "colour: red\n"))
                .contains(file() + ":13:1  colour is not known here");
    }

    @Test
    void aMissingKeyIsNamed() throws IOException {
        assertThat(refused(2, RECIPE.replace("budget: 2 steps\n", "")))
                .contains("budget is missing");
    }

    @Test
    void aValueOutOfRangeSaysWhatWouldDo() throws IOException {
        assertThat(refused(2, RECIPE.replace("mask-ratio: 0.75", "mask-ratio: 75")))
                .contains(
                        file()
                                + ":4:15  method.mask-ratio is 75.0; write a share between 0 and 1,"
                                + " such as 0.75");
    }

    @Test
    void valuesOutOfRangeInAnyTableAreNamedByTheirKey() throws IOException {
        assertThat(refused(2, RECIPE + "checkpoints: {keep-last: 0}\n"))
                .contains(file() + ":13:26  checkpoints.keep-last is 0; at least the newest");
        assertThat(refused(2, RECIPE + "view: {min-scale: 1.5}\n"))
                .contains("view.min-scale is 1.5; write the least share of the image's area shown");
        assertThat(refused(2, RECIPE + "view: {flip: 2}\n"))
                .contains("view.flip is 2.0; write a share from 0 to 1");
    }

    @Test
    void aBudgetTooSmallForOneStepSaysWhatAStepCosts() throws IOException {
        assertThat(refused(2, RECIPE.replace("2 steps", "1 kFLOP")))
                .contains("The budget of 1.00 kFLOP is too small for one step");
        assertThat(folder.resolve("run")).doesNotExist();
    }

    @Test
    void aBudgetInAnUnknownUnitIsAnsweredWithTheNearest() throws IOException {
        assertThat(refused(2, RECIPE.replace("2 steps", "2 stps")))
                .contains(":11:9  budget is \"2 stps\"")
                .contains("did you mean steps?");
    }

    @Test
    void anImageThatThePatchesDoNotDivideIsRefused() throws IOException {
        assertThat(refused(2, RECIPE.replace("image: 32", "image: 33")))
                .contains("image is 33; it must be a multiple of the patch, 8");
    }

    @Test
    void anEmptyFolderIsNamed() throws IOException {
        Path images = Files.createDirectory(folder.resolve("images"));
        assertThat(refused(2, withFolder(images))).contains(images.toString()).contains("empty");
    }

    @Test
    void aFolderWithoutImagesSaysWhatItHolds() throws IOException {
        Path images = Files.createDirectory(folder.resolve("images"));
        Files.writeString(images.resolve("notes.txt"), "no picture");
        assertThat(refused(2, withFolder(images))).contains(images.toString()).contains("txt");
    }

    @Test
    void aTarThatEndsEarlyIsNamed() throws IOException {
        Path tar = folder.resolve("images.tar");
        byte[] block = new byte[512 + 100];
        byte[] header = "a.jpg".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        System.arraycopy(header, 0, block, 0, header.length);
        byte[] size = "00000010000\0".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        System.arraycopy(size, 0, block, 124, size.length);
        byte[] magic = "ustar\00000".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        System.arraycopy(magic, 0, block, 257, magic.length);
        block[156] = '0';
        int sum = 8 * ' ';
        for (int i = 0; i < 512; i++) {
            sum += block[i] & 0xff;
        }
        byte[] checksum =
                String.format("%06o\0 ", sum).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        System.arraycopy(checksum, 0, block, 148, checksum.length);
        Files.write(tar, block);
        assertThat(refused(2, withFolder(tar))).contains(tar.toString()).contains("a.jpg");
    }

    @Test
    void aPathThatIsNotThereIsNamed() throws IOException {
        Path nowhere = folder.resolve("nowhere");
        assertThat(refused(2, withFolder(nowhere))).contains(nowhere.toString());
    }

    @Test
    void twoRunsInOneFolderAreRefused() throws IOException {
        Path run = folder.resolve("run");
        try (RunFolder held = RunFolder.create(run)) {
            held.writeRecipe(RECIPE);
            assertThat(refused(2, RECIPE)).contains(run.toString());
            assertThat(refused(2, "pretrain", "--resume", run.toString()))
                    .contains(run.toString())
                    .contains(Long.toString(ProcessHandle.current().pid()));
        }
    }

    @Test
    void aFolderThatHoldsARunIsNotTakenForANewOne() throws IOException {
        Path run = folder.resolve("run");
        try (RunFolder held = RunFolder.create(run)) {
            held.writeRecipe(RECIPE);
        }
        assertThat(refused(2, RECIPE)).contains(run.toString()).contains("--resume");
    }

    @Test
    void resumingWhatIsNotARunIsRefused() {
        assertThat(refused(2, "pretrain", "--resume", folder.resolve("nothing").toString()))
                .contains("nothing");
    }

    @Test
    void resumeTakesTheRunAsItIs() {
        assertThat(refused(2, "pretrain", "--resume", "runs/x", "--set", "batch=3"))
                .contains("leave out RECIPE, --out and --set");
    }

    @Test
    void tooManyBrokenImagesEndTheRunWithTheList() throws IOException {
        Path images = Files.createDirectory(folder.resolve("images"));
        for (int i = 0; i < 5; i++) {
            Files.writeString(images.resolve("picture" + i + ".jpg"), "not a picture");
        }
        assertThat(refused(1, withFolder(images))).contains("picture0.jpg");
        assertThat(Files.readString(folder.resolve("run/result.json"))).contains("failed");
    }

    @Test
    void aLossThatIsNotFiniteStopsTheRunAndSaysWhatToTry() throws IOException {
        String wild =
                RECIPE.replace("2 steps", "60 steps")
                        + "optimiser: {base-rate: 1e30}\ncheckpoints: {every-steps: 1}\n";
        assertThat(refused(1, wild))
                .contains("at step ")
                .contains("Try a lower optimiser.base-rate")
                .contains("last good checkpoint is ");
    }

    @Test
    void fewerClassesThanTheDataHasAreRefusedBeforeARunBegins() throws IOException {
        assertThat(refused(2, supervised(RECIPE, "{name: supervised, classes: 2}")))
                .isEqualTo(
                        "isoflop: method.classes is 2, but world, seed 0 has 48 classes; write 48"
                                + " or more, or leave it out");
        assertThat(folder.resolve("run")).doesNotExist();
    }

    @Test
    void aMethodThatLearnsFromLabelsIsRefusedDataWithoutAny() throws IOException {
        Path images = Files.createDirectory(folder.resolve("images"));
        BufferedImage black = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
        ImageIO.write(black, "png", images.resolve("a.png").toFile());
        assertThat(refused(2, supervised(withFolder(images), "{name: supervised}")))
                .contains(images + " has no labels, which method supervised learns from")
                .contains("Methods that can use it: mae");
        assertThat(folder.resolve("run")).doesNotExist();
    }

    private static String supervised(String recipe, String method) {
        return recipe.replaceFirst("(?s)method:\n.*?encoder", "method: " + method + "\nencoder");
    }

    private String withFolder(Path images) {
        return RECIPE.replace("{kind: world, images: 50}", "{kind: folder, path: " + images + "}");
    }

    @Test
    void aBatchOfOneIsRefusedWhereImagesAreComparedOrNormedTogether() throws IOException {
        String pairs =
                RECIPE.replaceFirst("(?s)method:.*?encoder", "method: {name: METHOD}\nencoder")
                        .replace("batch: 4", "batch: 1");
        assertThat(refused(2, pairs.replace("METHOD", "simclr")))
                .isEqualTo(
                        "isoflop: %s:7:8  batch is 1; simclr compares images: write 2 or more"
                                .formatted(file()));
        assertThat(refused(2, pairs.replace("METHOD", "byol")))
                .isEqualTo(
                        "isoflop: %s:7:8  batch is 1; byol's batch norm needs 2 or more"
                                .formatted(file()));
        assertThat(refused(2, "profile", "--method", "byol", "--batch", "1"))
                .isEqualTo("isoflop: method byol: batch is 1; byol's batch norm needs 2 or more");
    }

    @Test
    void aTokenizerOfOtherWordsIsRefusedOnResume() throws IOException {
        Path recipe =
                Files.writeString(folder.resolve("r.yaml"), EveryMethodTest.recipe("clip", 2));
        Path run = folder.resolve("run");
        PrintWriter quiet = new PrintWriter(new StringWriter());
        assertThat(
                        Isoflop.run(
                                quiet,
                                quiet,
                                "pretrain",
                                recipe.toString(),
                                "--out",
                                run.toString()))
                .isZero();
        Path words = run.resolve("tokenizer.json");
        List<String> captions = List.of("other words", "than those of the run");
        Files.write(words, Tokenizer.train(captions, 40).json());
        assertThat(refused(2, "pretrain", "--resume", run.toString()))
                .contains("was trained with another tokenizer")
                .contains("put the run's own back");
        Files.delete(words);
        assertThat(refused(2, "pretrain", "--resume", run.toString()))
                .contains("tokenizer.json is missing");
    }

    @Test
    void aTokenizerThatHasNoRoomInTheVocabularyIsRefused() throws IOException {
        List<String> captions = List.of("a few words that make more than ten pieces of text");
        Path words = folder.resolve("words.json");
        Files.write(words, Tokenizer.train(captions, 60).json());
        String small = EveryMethodTest.recipe("clip", 2).replace("300", "10");
        assertThat(refused(2, small + "tokenizer: " + words + "\n"))
                .contains(words + " has ")
                .contains("tokens, but method.vocabulary is 10; set it to ");
        assertThat(folder.resolve("run")).as("no folder is in the next start's way").doesNotExist();
    }

    @Test
    void aTokenizerForAMethodThatReadsNoTextIsRefused() throws IOException {
        assertThat(refused(2, RECIPE + "tokenizer: words.json\n"))
                .contains("tokenizer has no effect: method mae reads no text");
    }

    @Test
    void clipIsRefusedImagesWithoutCaptions() throws IOException {
        for (String animal : List.of("cat", "dog")) {
            Path photos = Files.createDirectories(folder.resolve("photos").resolve(animal));
            Files.write(photos.resolve("a.png"), Png.encode(new Raster(1, 1, new byte[3])));
        }
        String recipe =
                EveryMethodTest.recipe("clip", 2)
                        .replace(
                                "{kind: world, images: 64}",
                                "{kind: folder, path: " + folder.resolve("photos") + "}");
        assertThat(refused(2, recipe))
                .contains("has no captions, which method clip learns from")
                .contains("set data.pseudo-captions=true")
                .contains("Methods that can use it: mae, dino, simclr, byol, supervised");
        assertThat(folder.resolve("run")).doesNotExist();
    }
}
