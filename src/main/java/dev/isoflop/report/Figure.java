package dev.isoflop.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.isoflop.fault.InputException;
import dev.isoflop.files.DurableFiles;
import dev.isoflop.files.Reason;
import dev.isoflop.files.WholeFile;

import java.io.IOException;
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

    /// Keeps pictures in a folder, so that a page can be made again: each a PNG file with its title
    /// and caption in a text beside it. What the folder held before is replaced.
    ///
    /// @throws dev.isoflop.fault.RunException if they cannot be written
    public static void keep(Path folder, List<Figure> figures) {
        for (Path old : files(folder)) {
            try {
                Files.delete(old);
                Files.deleteIfExists(words(old));
            } catch (IOException e) {
                throw DurableFiles.unwritten(old, e);
            }
        }
        int number = 0;
        for (Figure figure : figures) {
            Path file = folder.resolve("picture-%02d.png".formatted(++number));
            byte[] words = (figure.title + "\n" + figure.caption + "\n").getBytes(UTF_8);
            DurableFiles.write(words(file), words);
            DurableFiles.write(file, figure.png);
        }
    }

    /// The text beside a picture.
    private static Path words(Path file) {
        String name = file.getFileName().toString().replaceFirst("\\.png$", ".txt");
        return file.resolveSibling(name);
    }

    /// The PNG files of a folder in the order of their names, each with the title and caption of
    /// the text beside it, or titled by its name; none if there is no folder.
    ///
    /// @throws InputException if one cannot be read
    public static List<Figure> in(Path folder) {
        return files(folder).stream().map(Figure::read).toList();
    }

    private static List<Path> files(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".png")).sorted().toList();
        } catch (IOException e) {
            throw new InputException(folder + " cannot be read: " + Reason.of(e), e);
        }
    }

    private static Figure read(Path file) {
        String title = file.getFileName().toString().replaceFirst("\\.png$", "").replace('-', ' ');
        try {
            byte[] png = WholeFile.bytes(file, WholeFile.TEXT, "a picture");
            if (Files.exists(words(file))) {
                String[] words =
                        WholeFile.text(words(file), WholeFile.TEXT, "a caption").split("\n", 2);
                return new Figure(words[0], words.length > 1 ? words[1].strip() : "", png);
            }
            return new Figure(title, "", png);
        } catch (IOException e) {
            throw new InputException(file + " cannot be read: " + Reason.of(e), e);
        }
    }
}
