package dev.isoflop.train;

import dev.isoflop.fault.InputException;
import dev.isoflop.files.Reason;
import dev.isoflop.files.WholeFile;
import dev.isoflop.train.Checkpoint.Manifest;
import dev.isoflop.train.Checkpoint.Part;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;

/// `manifest.json`: what a checkpoint's folder holds, and a checksum of saying so.
final class ManifestFile {

    static final String NAME = "manifest.json";

    private static final int BUFFER_BYTES = 1 << 20;
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /// @param sha256 of the manifest as compact JSON
    private record Signed(Manifest manifest, String sha256) {

        Signed {
            Objects.requireNonNull(manifest);
            Objects.requireNonNull(sha256);
        }
    }

    private ManifestFile() {}

    /// Writes the manifest and waits until the disk has it.
    static void write(Path folder, Manifest manifest) throws IOException {
        Path file = folder.resolve(NAME);
        byte[] json = JSON.writeValueAsBytes(new Signed(manifest, checksum(manifest)));
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(json);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        } catch (FileSystemException e) {
            throw e;
        } catch (IOException e) {
            throw new FileSystemException(file.toString(), null, e.getMessage());
        }
    }

    /// The manifest of a folder, once every file was read and found to be as it says.
    ///
    /// @throws InputException with the first difference
    static Manifest verified(Path folder) {
        Manifest manifest = read(folder);
        String expected = "step-" + manifest.step();
        if (!folder.endsWith(expected)) {
            throw new InputException(NAME + " is that of " + expected);
        }
        for (Part part : manifest.files()) {
            verify(folder, part);
        }
        return manifest;
    }

    private static Manifest read(Path folder) {
        Path file = folder.resolve(NAME);
        if (!Files.exists(file)) {
            throw new InputException(NAME + " is missing");
        }
        try {
            JsonNode root = JSON.readTree(WholeFile.bytes(file, WholeFile.TEXT, "a manifest"));
            if (!root.isObject()) {
                throw new InputException(NAME + " is broken");
            }
            int format = root.path("manifest").path("format").asInt(Manifest.FORMAT);
            if (format != Manifest.FORMAT) {
                throw new InputException(
                        "its format is " + format + "; this isoflop reads " + Manifest.FORMAT);
            }
            Signed signed = JSON.treeToValue(root, Signed.class);
            if (!checksum(signed.manifest()).equals(signed.sha256())) {
                throw new InputException(NAME + " was altered: its checksum is another");
            }
            return signed.manifest();
        } catch (JacksonException e) {
            throw new InputException(NAME + " is broken", e);
        } catch (IOException e) {
            throw new InputException(NAME + " cannot be read: " + Reason.of(e), e);
        }
    }

    private static void verify(Path folder, Part part) {
        Path file = folder.resolve(part.name());
        try {
            if (!Files.exists(file)) {
                throw new InputException(part.name() + " is missing");
            }
            long bytes = Files.size(file);
            if (bytes != part.bytes()) {
                throw new InputException(
                        "%s has %d bytes, its manifest says %d"
                                .formatted(part.name(), bytes, part.bytes()));
            }
            String sha256 = checksum(file);
            if (!sha256.equals(part.sha256())) {
                throw new InputException(
                        "%s was altered: its SHA-256 is %s, its manifest says %s"
                                .formatted(part.name(), sha256, part.sha256()));
            }
        } catch (IOException e) {
            throw new InputException(part.name() + " cannot be read: " + Reason.of(e), e);
        }
    }

    private static String checksum(Manifest manifest) {
        String compact =
                JSON.writer()
                        .without(SerializationFeature.INDENT_OUTPUT)
                        .writeValueAsString(manifest);
        MessageDigest digest = sha256();
        digest.update(compact.getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(digest.digest());
    }

    private static String checksum(Path file) throws IOException {
        MessageDigest digest = sha256();
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream stream = Files.newInputStream(file)) {
            for (int n = stream.read(buffer); n >= 0; n = stream.read(buffer)) {
                digest.update(buffer, 0, n);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }
}
