package dev.isoflop.report;

import dev.isoflop.fault.InputException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// A picture for a page.
///
/// @param title above it: "original, masked, reconstructed"
/// @param caption below it; may be empty
/// @param png its bytes; not copied
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Figure(String title, String caption, byte[] png) {

    /// The PNG files of a folder in the order of their names, each titled by its name; none if
    /// there is no folder.
    ///
    /// @throws InputException if one cannot be read
    public static List<Figure> in(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".png"))
                    .sorted()
                    .map(Figure::read)
                    .toList();
        } catch (IOException e) {
            throw new InputException(folder + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static Figure read(Path file) {
        String title = file.getFileName().toString().replaceFirst("\\.png$", "").replace('-', ' ');
        try {
            return new Figure(title, "", Files.readAllBytes(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
