package dev.isoflop.encoder;

import dev.isoflop.fault.InputException;
import dev.isoflop.files.Reason;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;

/// A file of named tensors, of which only the names have been read.
sealed interface TensorFile extends AutoCloseable permits SafetensorsFile, TorchFile {

    /// What kind of file it is, for people.
    String kind();

    /// Its tensors; those of nested containers by their path, joined with dots.
    Map<String, Stored> tensors();

    /// Free text by key.
    Map<String, String> metadata();

    /// What the file holds beside tensors, numbers and texts, by path: read as a mere name.
    Map<String, String> beside();

    @Override
    void close();

    /// Opens a file; its first bytes say what it is.
    ///
    /// @throws InputException if it is neither kind, is damaged, or tries to construct something
    static TensorFile open(Path file) {
        byte[] start = start(file);
        if (starts(start, 'P', 'K')) {
            return TorchFile.open(file);
        }
        if (isPickle(start) || isTar(start)) {
            throw new InputException(
                    file
                            + " was written by torch before 1.6, or as a bare pickle; isoflop reads"
                            + " the zip of later ones. In Python: x = torch.load(FILE,"
                            + " map_location='cpu', weights_only=True); torch.save(x, NEW)");
        }
        if (start.length > 8 && start[8] != '{') {
            byte[] first = Arrays.copyOf(start, 8);
            throw new InputException(
                    file
                            + " is neither safetensors nor a .pth of torch.save: it begins with the"
                            + " bytes "
                            + HexFormat.ofDelimiter(" ").formatHex(first));
        }
        return SafetensorsFile.open(file);
    }

    private static byte[] start(Path file) {
        if (Files.isDirectory(file)) {
            throw new InputException(
                    file + " is a folder without a run; name a .safetensors or .pth file in it");
        }
        if (!Files.exists(file)) {
            throw new InputException(file + " does not exist");
        }
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(512);
        } catch (IOException e) {
            throw new InputException(file + " cannot be read: " + Reason.of(e), e);
        }
    }

    private static boolean starts(byte[] bytes, char first, char second) {
        return bytes.length > 1 && bytes[0] == first && bytes[1] == second;
    }

    private static boolean isPickle(byte[] bytes) {
        return bytes.length > 1 && bytes[0] == (byte) 0x80 && bytes[1] >= 2 && bytes[1] <= 5;
    }

    private static boolean isTar(byte[] bytes) {
        return bytes.length > 262
                && new String(bytes, 257, 5, StandardCharsets.US_ASCII).equals("ustar");
    }
}
