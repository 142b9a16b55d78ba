package dev.isoflop.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.zip.CRC32;

class HeaderTest {

    private static final Raster IMAGE = SampleFiles.gradient(40, 30);

    private static String flaw(byte[] file) {
        try {
            Pixels.of("cat.jpg", new Encoded(file)).close();
            return "none";
        } catch (BrokenImageException e) {
            return e.name() + ": " + e.reason();
        }
    }

    @Test
    void everyFormatTellsItsSize() throws BrokenImageException {
        Header jpeg = Header.read("a", SampleFiles.jpeg(IMAGE));
        Header png = Header.read("a", Png.encode(IMAGE));
        Header webp = Header.read("a", SampleFiles.webp(IMAGE));
        assertThat(jpeg).isEqualTo(new Header(Header.Format.JPEG, 40, 30));
        assertThat(png).isEqualTo(new Header(Header.Format.PNG, 40, 30));
        assertThat(webp).isEqualTo(new Header(Header.Format.WEBP, 40, 30));
    }

    @Test
    void anEmptyFileIsBroken() {
        assertThat(flaw(new byte[0])).isEqualTo("cat.jpg: the file is empty");
    }

    @Test
    void garbageIsBroken() {
        byte[] garbage = new byte[300];
        new SplittableRandom(1).nextBytes(garbage);
        assertThat(flaw(garbage))
                .isEqualTo("cat.jpg: it is no known image format; JPEG, PNG and WebP are read");
    }

    @Test
    void aGifIsRefusedByName() {
        byte[] gif = SampleFiles.written("gif", SampleFiles.buffered(IMAGE));
        assertThat(flaw(gif)).isEqualTo("cat.jpg: it is a GIF; JPEG, PNG and WebP are read");
    }

    @Test
    void aJpegCutShortIsBrokenWhereverItIsCut() {
        byte[] file = SampleFiles.jpeg(IMAGE);
        for (int length = 3; length < file.length; length += 7) {
            assertThat(flaw(Arrays.copyOf(file, length)))
                    .as("%d bytes of %d", length, file.length)
                    .containsAnyOf("truncated: no end of image", "it ends within its header");
        }
    }

    @Test
    void theEndOfAThumbnailIsNotTheEndOfTheJpeg() {
        byte[] file = SampleFiles.jpeg(IMAGE);
        byte[] thumbnail = {(byte) 0xff, (byte) 0xd8, (byte) 0xff, (byte) 0xd9};
        ByteBuffer with = ByteBuffer.allocate(file.length + 8);
        with.put(file, 0, 2).putShort((short) 0xffe1).putShort((short) 6).put(thumbnail);
        with.put(file, 2, file.length - 2);
        assertThat(flaw(with.array())).isEqualTo("none");
        assertThat(flaw(Arrays.copyOf(with.array(), with.capacity() - 20)))
                .contains("truncated: no end of image within its");
    }

    /// Cameras and editors that miscount their segments leave some; libjpeg and Pillow read on.
    @ParameterizedTest
    @ValueSource(strings = {"\0\0\0", "hello", "\u00ff\0\u00ff\0", "\u00ff\u00ff\u00ff"})
    void bytesBetweenTheSegmentsOfAJpegArePassedOver(String junk) throws BrokenImageException {
        byte[] file = SampleFiles.withSegment(SampleFiles.jpeg(IMAGE), 0xe5, new byte[] {1, 2});
        byte[] bytes = junk.getBytes(StandardCharsets.ISO_8859_1);
        ByteBuffer with = ByteBuffer.allocate(file.length + bytes.length);
        with.put(file, 0, 8).put(bytes).put(file, 8, file.length - 8);
        try (Pixels whole = Pixels.of("a", new Encoded(file));
                Pixels other = Pixels.of("a", new Encoded(with.array()))) {
            assertThat(other.raster()).isEqualTo(whole.raster());
        }
    }

    @Test
    void aPngWithoutItsEndIsTruncated() {
        byte[] file = Png.encode(IMAGE);
        assertThat(flaw(Arrays.copyOf(file, file.length - 12)))
                .isEqualTo(
                        "cat.jpg: truncated: no end of image within its %,d bytes"
                                .formatted(file.length - 12));
    }

    @Test
    void aPngCutShortIsBroken() {
        byte[] file = Png.encode(IMAGE);
        assertThat(flaw(Arrays.copyOf(file, file.length - 20)))
                .isEqualTo(
                        "cat.jpg: truncated: a chunk ends at byte %,d of %,d"
                                .formatted(file.length - 12, file.length - 20));
    }

    @Test
    void aPngWithAWrongBitIsBroken() {
        byte[] file = Png.encode(IMAGE);
        file[file.length / 2] ^= 4;
        assertThat(flaw(file)).isEqualTo("cat.jpg: damaged: wrong checksum of chunk IDAT");
    }

    @Test
    void aWebpCutShortIsBroken() {
        byte[] file = SampleFiles.webp(IMAGE);
        assertThat(flaw(Arrays.copyOf(file, file.length / 2)))
                .isEqualTo(
                        "cat.jpg: truncated: %,d bytes of %,d"
                                .formatted(file.length / 2, file.length));
    }

    @Test
    void dataThatTheDecoderRefusesIsBroken() {
        byte[] file = SampleFiles.webp(IMAGE);
        Arrays.fill(file, 30, file.length, (byte) 0xff);
        assertThat(flaw(file)).isEqualTo("cat.jpg: damaged: its WEBP data cannot be decoded");
    }

    @Test
    void aDecompressionBombIsRefusedByItsHeader() {
        byte[] file = Png.encode(IMAGE);
        ByteBuffer header = ByteBuffer.wrap(file);
        header.putInt(16, 60_000).putInt(20, 50_000);
        var crc = new CRC32();
        crc.update(file, 12, 17);
        header.putInt(29, (int) crc.getValue());
        assertThat(flaw(file))
                .isEqualTo(
                        "cat.jpg: its header promises 60,000 x 50,000 pixels, more than the"
                                + " 178,956,970 allowed (a decompression bomb?)");
    }

    @Test
    void theLimitOfPixelsIsTheCallers() {
        var picture = new Encoded(SampleFiles.jpeg(IMAGE));
        assertThatExceptionOfType(BrokenImageException.class)
                .isThrownBy(() -> Pixels.of("cat.jpg", picture, 40 * 30 - 1))
                .withMessageContaining("40 x 30 pixels, more than the 1,199 allowed");
    }
}
