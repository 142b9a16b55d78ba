package dev.isoflop.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.isoflop.data.Tars.Raw;
import dev.isoflop.data.tree.FileTree;
import dev.isoflop.data.tree.ImageFiles;
import dev.isoflop.data.tree.LeftOut;
import dev.isoflop.fault.InputException;
import dev.isoflop.image.BrokenImageException;
import dev.isoflop.image.Encoded;
import dev.isoflop.image.Pixels;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;

/// Archives as tools and accidents leave them: what is read, what is named and counted, what is
/// refused.
class TarTest {

    private static final String A = "the bytes of a";
    private static final String B = "the bytes of b, which are others";

    @TempDir Path temporary;

    private Path tar(Raw raw) {
        return raw.into(temporary.resolve("t.tar"));
    }

    private static Raw raw() {
        return new Raw();
    }

    /// Every file with its text.
    private static Map<String, String> files(Path tar) throws IOException {
        try (FileTree tree = FileTree.open(tar)) {
            var files = new TreeMap<String, String>();
            for (String path : tree.paths()) {
                files.put(path, new String(tree.read(path), StandardCharsets.UTF_8));
            }
            return files;
        }
    }

    private static List<LeftOut> leftOut(Path tar) {
        try (FileTree tree = FileTree.open(tar)) {
            return tree.leftOut();
        }
    }

    private static LeftOut one(String reason, String... names) {
        return new LeftOut(reason, names.length, List.of(names));
    }

    private static void refuses(Path tar, String message) {
        assertThatExceptionOfType(InputException.class)
                .isThrownBy(() -> FileTree.open(tar).close())
                .withMessage(tar + message);
    }

    @Test
    void linksToFilesOfTheArchiveAreThoseFiles() throws IOException {
        Path tar =
                tar(
                        raw().file("x/a/1.jpg", A)
                                .link('1', "x/b/hard.jpg", "x/a/1.jpg")
                                .link('2', "x/b/soft.jpg", "../a/1.jpg")
                                .link('2', "x/b/softer.jpg", "soft.jpg")
                                .link('1', "./x/b/again.jpg", "./x/b/soft.jpg")
                                .zeros(2));
        assertThat(files(tar))
                .isEqualTo(
                        Map.of(
                                "x/a/1.jpg", A,
                                "x/b/hard.jpg", A,
                                "x/b/soft.jpg", A,
                                "x/b/softer.jpg", A,
                                "x/b/again.jpg", A));
        assertThat(leftOut(tar)).isEmpty();
    }

    @Test
    void aHardLinkKeepsWhatWasThereWhenItWasPacked() throws IOException {
        Path tar =
                tar(raw().file("a.jpg", A).link('1', "l.jpg", "a.jpg").file("a.jpg", B).zeros(2));
        assertThat(files(tar)).isEqualTo(Map.of("a.jpg", B, "l.jpg", A));
    }

    @Test
    void aHardLinkMayHaveBytesOfItsOwn() throws IOException {
        byte[] size = Raw.octal(B.length());
        Path own =
                tar(
                        raw().file("a.jpg", A)
                                .header('1', "l.jpg", "a.jpg", size)
                                .content(B.getBytes(StandardCharsets.UTF_8))
                                .file("z.jpg", A)
                                .zeros(2));
        assertThat(files(own)).isEqualTo(Map.of("a.jpg", A, "l.jpg", B, "z.jpg", A));
        Path old =
                tar(
                        raw().file("a.jpg", A)
                                .header('1', "l.jpg", "a.jpg", size)
                                .file("z.jpg", B)
                                .zeros(2));
        assertThat(files(old))
                .as("a size that counts nothing")
                .isEqualTo(Map.of("a.jpg", A, "l.jpg", A, "z.jpg", B));
    }

    @Test
    void linksThatLeadElsewhereAreNamedAndCounted() throws IOException {
        Path tar =
                tar(
                        raw().file("a/1.jpg", A)
                                .link('2', "b/out.jpg", "/etc/passwd")
                                .link('2', "b/above.jpg", "../../1.jpg")
                                .link('2', "b/none.jpg", "2.jpg")
                                .link('2', "b/round.jpg", "round2.jpg")
                                .link('2', "b/round2.jpg", "round.jpg")
                                .link('2', "c", "a")
                                .zeros(2));
        assertThat(files(tar)).containsOnlyKeys("a/1.jpg");
        assertThat(leftOut(tar))
                .containsExactlyInAnyOrder(
                        one(
                                "links out of the archive; tar --dereference packs what they lead"
                                        + " to",
                                "b/above.jpg",
                                "b/out.jpg"),
                        one("links to what is not in the archive", "b/none.jpg"),
                        one("links that lead back to themselves", "b/round.jpg", "b/round2.jpg"),
                        one("links to folders; tar --dereference packs what they lead to", "c"));
    }

    @Test
    void archivesThatWereJoinedAreReadToTheEnd() throws IOException {
        byte[] end = raw().file("b.jpg", B).zeros(2).bytes();
        assertThat(files(tar(raw().file("a.jpg", A).zeros(2).content(end))))
                .isEqualTo(Map.of("a.jpg", A, "b.jpg", B));
        assertThat(files(tar(raw().file("a.jpg", A).zeros(1).content(end))))
                .isEqualTo(Map.of("a.jpg", A, "b.jpg", B));
        Path junk =
                tar(
                        raw().file("a.jpg", A)
                                .zeros(20)
                                .content("no archive".getBytes(StandardCharsets.UTF_8)));
        assertThat(files(junk)).isEqualTo(Map.of("a.jpg", A));
        assertThat(leftOut(junk))
                .containsExactly(
                        one(
                                "no archive, though behind the end of one, at byte 11,264 of "
                                        + junk,
                                "what follows a.jpg"));
    }

    @Test
    void aMissingMarkOfTheEndIsNoLoss() throws IOException {
        for (int blocks = 0; blocks < 3; blocks++) {
            Path tar = tar(raw().file("a.jpg", A).file("b.jpg", B).zeros(blocks));
            assertThat(files(tar)).isEqualTo(Map.of("a.jpg", A, "b.jpg", B));
            assertThat(leftOut(tar)).isEmpty();
        }
        byte[] whole = raw().file("a.jpg", A).file("b.jpg", B).bytes();
        Path unpadded = temporary.resolve("unpadded.tar");
        Files.write(unpadded, Arrays.copyOf(whole, 3 * 512 + B.length()));
        assertThat(files(unpadded)).as("whole, though not padded").containsKey("b.jpg");
        assertThat(leftOut(unpadded)).isEmpty();
    }

    @Test
    void anArchiveThatIsCutGivesWhatCameBeforeAndNamesOneLoss() throws IOException {
        byte[] whole = raw().file("a.jpg", A).file("b.jpg", B).file("c.jpg", A).zeros(2).bytes();
        Path tar = temporary.resolve("cut.tar");
        String lost = "lost, for %s ends early, at byte %s; copy or download it again";
        Files.write(tar, Arrays.copyOf(whole, 3 * 512 + 5));
        assertThat(files(tar)).isEqualTo(Map.of("a.jpg", A));
        assertThat(leftOut(tar)).containsExactly(one(lost.formatted(tar, "1,541"), "b.jpg"));
        Files.write(tar, Arrays.copyOf(whole, 2 * 512 + 100));
        assertThat(files(tar)).isEqualTo(Map.of("a.jpg", A));
        assertThat(leftOut(tar))
                .containsExactly(one(lost.formatted(tar, "1,124"), "what follows a.jpg"));
        Files.write(tar, raw().file("a.jpg", A).pax("path", "long.jpg").bytes());
        assertThat(leftOut(tar))
                .as("a name without its entry")
                .containsExactly(one(lost.formatted(tar, "2,048"), "what follows a.jpg"));
    }

    @Test
    void aDamagedHeaderGivesWhatCameBeforeAndNamesOneLoss() throws IOException {
        byte[] bytes = raw().file("a.jpg", A).file("b.jpg", B).file("c.jpg", A).zeros(2).bytes();
        bytes[2 * 512 + 3] ^= 1;
        Path tar = temporary.resolve("t.tar");
        Files.write(tar, bytes);
        assertThat(files(tar)).isEqualTo(Map.of("a.jpg", A));
        assertThat(leftOut(tar))
                .containsExactly(
                        one(
                                "lost, for "
                                        + tar
                                        + " is damaged at byte 1,024: a header's checksum is wrong;"
                                        + " copy or download it again",
                                "what follows a.jpg"));
    }

    @Test
    void sizesThatMakeNoSenseAreRefused() throws IOException {
        byte[] negative = new byte[12];
        Arrays.fill(negative, (byte) 0xff);
        byte[] endless = new byte[12];
        Arrays.fill(endless, (byte) 0x7f);
        endless[0] = (byte) 0x80;
        byte[] garbage = "12 monkeys\0\0".getBytes(StandardCharsets.US_ASCII);
        byte[] minus = "-0000000001\0".getBytes(StandardCharsets.US_ASCII);
        for (byte[] size : List.of(negative, endless, garbage, minus)) {
            refuses(
                    tar(raw().header('0', "a.jpg", "", size).zeros(4)),
                    " is damaged in a.jpg, at byte 0: its size is no number, or negative; copy or"
                            + " download it again");
            Path later = tar(raw().file("a.jpg", A).header('0', "b.jpg", "", size).zeros(4));
            assertThat(files(later)).isEqualTo(Map.of("a.jpg", A));
            assertThat(leftOut(later)).hasSize(1);
        }
        for (String size : List.of("-5", "many", "99999999999999999999", "")) {
            refuses(
                    tar(raw().pax("size", size).file("a.jpg", A).zeros(2)),
                    " is damaged after its beginning, at byte 1,024: an extended header makes no"
                            + " sense; copy or download it again");
        }
        refuses(
                tar(raw().header('L', "name", "", Raw.octal(1L << 32)).zeros(4)),
                " is damaged after its beginning, at byte 0: an extended header's size makes no"
                        + " sense; copy or download it again");
        refuses(
                tar(raw().header('0', "a.jpg", "", Raw.octal(1L << 32)).zeros(4)),
                " ends early, at byte 2,560, within a.jpg; copy or download it again");
    }

    @Test
    void binarySizesAreRead() throws IOException {
        byte[] size = new byte[12];
        size[0] = (byte) 0x80;
        size[11] = (byte) A.length();
        Path tar =
                tar(
                        raw().header('0', "a.jpg", "", size)
                                .content(A.getBytes(StandardCharsets.UTF_8))
                                .zeros(2));
        assertThat(files(tar)).isEqualTo(Map.of("a.jpg", A));
    }

    @Test
    void namesOfPaxMayHaveAnyCharacters() throws IOException {
        Path tar =
                tar(
                        raw().pax("path", "two\nlines=1 path=x.jpg")
                                .file("short.jpg", A)
                                .pax("comment", "path=y.jpg\n11 path=z")
                                .file("b.jpg", B)
                                .zeros(2));
        assertThat(files(tar)).isEqualTo(Map.of("two\nlines=1 path=x.jpg", A, "b.jpg", B));
    }

    @Test
    void sparseFilesAreNamedAndWhatFollowsIsRead() throws IOException {
        Path tar =
                tar(
                        raw().file("a.jpg", A)
                                .header('S', "old.jpg", "", Raw.octal(512))
                                .content(new byte[512])
                                .pax("GNU.sparse.name", "new.jpg")
                                .file("GNUSparseFile.1/new.jpg", B)
                                .file("c.jpg", B)
                                .zeros(2));
        assertThat(files(tar)).isEqualTo(Map.of("a.jpg", A, "c.jpg", B));
        assertThat(leftOut(tar))
                .containsExactly(one("sparse; pack them without --sparse", "new.jpg", "old.jpg"));
    }

    @Test
    void theMapOfASparseFileMayGoOnForBlocks() throws IOException {
        byte[] bytes =
                raw().header('S', "s.jpg", "", Raw.octal(512))
                        .zeros(2) // of the map
                        .content("not a header".getBytes(StandardCharsets.UTF_8))
                        .file("b.jpg", B)
                        .zeros(2)
                        .bytes();
        bytes[482] = 1;
        bytes[512 + 504] = 1;
        mendSum(bytes, 0);
        Path tar = temporary.resolve("map.tar");
        Files.write(tar, bytes);
        assertThat(files(tar)).isEqualTo(Map.of("b.jpg", B));
    }

    @Test
    void absoluteAndClimbingNamesAreNamedAndCounted() throws IOException {
        Path tar =
                tar(
                        raw().file("/etc/a.jpg", A)
                                .file("../b.jpg", A)
                                .file("c/../../d.jpg", A)
                                .file("./e//f.jpg", B)
                                .zeros(2));
        assertThat(files(tar)).isEqualTo(Map.of("e/f.jpg", B));
        assertThat(leftOut(tar))
                .containsExactly(
                        one("of absolute names; pack them from their folder", "/etc/a.jpg"),
                        one(
                                "of names that climb with ..; pack them from their folder",
                                "../b.jpg",
                                "c/../../d.jpg"));
    }

    @Test
    void ofTwoEntriesOfOneNameTheLaterCountsAndItIsSaid() throws IOException {
        Path tar = tar(raw().file("a.jpg", A).file("b.jpg", A).file("./a.jpg", B).zeros(2));
        assertThat(files(tar)).isEqualTo(Map.of("a.jpg", B, "b.jpg", A));
        assertThat(leftOut(tar))
                .containsExactly(one("replaced by a later entry of the same name", "a.jpg"));
    }

    @Test
    void hiddenImagesAreCountedAndTheSideFilesOfMacosAreNot() throws IOException {
        Path tar =
                tar(
                        raw().file("a.jpg", A)
                                .file("._a.jpg", A)
                                .file("__MACOSX/._a.jpg", A)
                                .file(".DS_Store", A)
                                .file(".cache/b.jpg", A)
                                .header('6', "pipe.jpg", "", Raw.octal(0))
                                .zeros(2));
        assertThat(files(tar)).isEqualTo(Map.of("a.jpg", A));
        assertThat(leftOut(tar))
                .containsExactlyInAnyOrder(
                        one("hidden, for a name that begins with a dot", ".cache/b.jpg"),
                        one("devices and pipes", "pipe.jpg"));
    }

    @Test
    void namesThatAreNoTextStayApart() throws IOException {
        byte[] bytes = raw().file("?.jpg", A).file("!.jpg", B).zeros(2).bytes();
        for (int header : List.of(0, 1024)) {
            bytes[header] = (byte) (header == 0 ? 0xe9 : 0xe8);
            mendSum(bytes, header);
        }
        Path tar = temporary.resolve("latin.tar");
        Files.write(tar, bytes);
        assertThat(files(tar)).isEqualTo(Map.of("\u00e9.jpg", A, "\u00e8.jpg", B));
    }

    @Test
    void whatIsNoArchiveIsSaidPlainly() throws IOException {
        Path tar = temporary.resolve("t.tar");
        Tars.write(tar, "");
        refuses(tar, " is empty: a file of 0 bytes; copy or download it again");
        Tars.write(tar, new byte[10_240]);
        refuses(
                tar,
                " holds nothing but zeros: an archive without entries, or a download that was never"
                        + " filled; pack it or download it again");
        Tars.write(tar, "\n<!DOCTYPE html>\n<html><body>404</body></html>".repeat(30));
        refuses(
                tar,
                " is no archive but a page, as a download that failed leaves: it begins with"
                        + " \"<!DOCTYPE html> <html><body>404</body><\"; download it again");
        Tars.write(tar, "<html>503</html>");
        refuses(
                tar,
                " is no archive but a page, as a download that failed leaves: it begins with"
                        + " \"<html>503</html>\"; download it again");
    }

    @Test
    void whatIsOnlyCompressedIsNotCalledDamaged() throws IOException {
        var zipped = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(zipped)) {
            out.write(raw().file("a.jpg", A).zeros(2).bytes());
        }
        Path named = temporary.resolve("t.tar");
        Tars.write(named, zipped.toByteArray());
        refuses(
                named,
                " is compressed (gzip), whatever its name says; unpack it once to a .tar, which is"
                        + " read in place: mv "
                        + named
                        + " "
                        + named
                        + ".gz && gzip -d "
                        + named
                        + ".gz");
        Path tgz = temporary.resolve("t.TGZ");
        Tars.write(tgz, zipped.toByteArray());
        refuses(
                tgz,
                " is compressed (gzip); unpack it once to a .tar, which is read in place: gzip -d "
                        + tgz);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "zst zstd 28b52ffd00",
                "bz2 bzip2 425a6839",
                "xz xz fd377a585a0000",
                "lz4 lz4 04224d1800"
            })
    void everyCompressionIsNamed(String kind) {
        String[] said = kind.split(" ", -1);
        Path file = temporary.resolve("t.tar." + said[0]);
        Tars.write(file, HexFormat.of().parseHex(said[2]));
        assertThatExceptionOfType(InputException.class)
                .isThrownBy(() -> FileTree.open(file).close())
                .withMessageStartingWith(file + " is compressed (" + said[1] + "); unpack it once");
    }

    @Test
    void aTarWithTheNameOfACompressedOneIsRead() throws IOException {
        Path file = raw().file("a.jpg", A).zeros(2).into(temporary.resolve("t.tar.gz"));
        assertThat(files(file)).isEqualTo(Map.of("a.jpg", A));
    }

    /// Seeded: whatever bytes change, the archive is read, in part or whole, or refused in words.
    @Test
    @Timeout(60)
    void noChangeOfBytesBreaksTheReader() throws IOException {
        byte[] whole =
                raw().file("a.jpg", A)
                        .pax("path", "long/name.jpg")
                        .file("b.jpg", B)
                        .link('1', "l.jpg", "a.jpg")
                        .link('2', "s.jpg", "b.jpg")
                        .header('S', "sparse.jpg", "", Raw.octal(512))
                        .content(new byte[512])
                        .header('L', "name", "", Raw.octal(9))
                        .content("other.jpg".getBytes(StandardCharsets.UTF_8))
                        .file("c.jpg", A)
                        .zeros(2)
                        .bytes();
        var random = new Random(13);
        Path tar = temporary.resolve("fuzz.tar");
        for (int trial = 0; trial < 2_000; trial++) {
            byte[] bytes =
                    Arrays.copyOf(whole, whole.length - random.nextInt(2) * random.nextInt(2_000));
            int changes = 1 + random.nextInt(4);
            for (int change = 0; change < changes; change++) {
                int header = 512 * random.nextInt(bytes.length / 512);
                int place =
                        header
                                + (random.nextBoolean()
                                        ? 124 + random.nextInt(34)
                                        : random.nextInt(512));
                bytes[Math.min(place, bytes.length - 1)] = (byte) random.nextInt(256);
                if (random.nextInt(4) > 0) {
                    mendSum(bytes, header);
                }
            }
            Files.write(tar, bytes);
            try {
                assertThat(files(tar)).as("trial %s", trial).isNotNull();
            } catch (InputException e) {
                assertThat(e).as("trial %s", trial).hasMessageStartingWith(tar.toString());
            }
        }
    }

    private static void mendSum(byte[] bytes, int header) {
        int sum = 0;
        for (int i = 0; i < 512; i++) {
            sum += i >= 148 && i < 156 ? ' ' : bytes[header + i] & 0xff;
        }
        byte[] stated =
                String.format(Locale.ROOT, "%06o\0 ", sum).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(stated, 0, bytes, header + 148, stated.length);
    }

    /// But for `symlink.tar`, which was written down when links were no images: one leads to a file
    /// of the archive.
    @Test
    void theArchivesOfOtherToolsGiveWhatTheirTruthSays() throws IOException {
        Path folder = Path.of("../shared/data/formats/made/tar-oddities");
        assumeTrue(Files.isDirectory(folder), folder + " is not here");
        JsonNode truth = new JsonMapper().readTree(Files.readString(folder.resolve("truth.json")));
        for (Map.Entry<String, JsonNode> entry : truth.properties()) {
            String name = entry.getKey();
            JsonNode expected = entry.getValue();
            if (name.contains("/")) {
                continue; // of samples, not of files
            }
            Found found = found(folder.resolve(name));
            if (name.matches(".*(\\.gz|\\.zst|\\.bz2|gz-named\\.tar)")) {
                assertThat(found.said).as(name).contains(" is compressed (");
            } else if (expected.has("images")) {
                int links = name.equals("symlink.tar") ? 1 : 0;
                assertThat(found.good).as(name).hasSize(expected.get("images").asInt() + links);
            } else if (expected.has("samples")) {
                assertThat(found.good).as(name).hasSize(expected.get("samples").asInt());
            } else if (expected.has("whole")) {
                assertThat(found.good).as(name).hasSize(expected.get("whole").asInt());
            } else if (expected.has("before_damage") || expected.has("good")) {
                JsonNode good = expected.path(expected.has("good") ? "good" : "before_damage");
                assertThat(found.good).as(name).isEqualTo(texts(good));
            } else {
                assertThat(found.said).as(name).contains(" is damaged ");
            }
            assertThat(found.broken)
                    .as(name)
                    .containsExactlyInAnyOrderElementsOf(texts(expected.path("broken")));
            assertThat(found.said)
                    .as(name)
                    .satisfies(said -> {
                        assertThat(texts(expected.path("damaged"))).allMatch(said::contains);
                        assertThat(texts(expected.path("sparse"))).allMatch(said::contains);
                    });
        }
    }

    /// What an archive gives: images that can be decoded, and not, and what is said of the rest.
    private record Found(List<String> good, List<String> broken, String said) {}

    private static Found found(Path tar) throws IOException {
        var good = new ArrayList<String>();
        var broken = new ArrayList<String>();
        try (FileTree tree = FileTree.open(tar)) {
            for (String path : tree.paths()) {
                if (ImageFiles.isImage(path)) {
                    try (Pixels _ = Pixels.of(path, new Encoded(tree.read(path)))) {
                        good.add(path);
                    } catch (BrokenImageException e) {
                        broken.add(e.name());
                    }
                }
            }
            return new Found(good, broken, tree.leftOut().toString());
        } catch (InputException e) {
            return new Found(good, broken, String.valueOf(e.getMessage()));
        }
    }

    private static List<String> texts(JsonNode list) {
        return list.valueStream().map(JsonNode::asString).toList();
    }

    @Test
    void theCasesThatFailedAreRead() throws IOException {
        Path cases = Path.of("../shared/cases");
        assumeTrue(Files.isDirectory(cases), cases + " is not here");
        assertThat(files(cases.resolve("19-tar-links-dropped/hl.tar")))
                .containsOnlyKeys("hl/a/1.jpg", "hl/b/2.jpg", "hl/b/3.jpg", "hl/b/4.jpg");
        assertThat(found(cases.resolve("20-tar-gz-called-tar/t-gz.tar")).said)
                .contains(" is compressed (gzip), whatever its name says; unpack it once");
    }
}
