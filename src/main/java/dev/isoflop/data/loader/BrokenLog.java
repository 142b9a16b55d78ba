package dev.isoflop.data.loader;

import dev.isoflop.fault.InputException;
import dev.isoflop.files.DurableFiles;
import dev.isoflop.files.Json;
import dev.isoflop.files.Reason;
import dev.isoflop.files.Utf8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/// The broken images of a run as a file, so that a run that goes on knows them: one line of JSON
/// each, in the order in which they were met.
///
/// A line is written before the step that met the image is taken; those of steps that are taken
/// again after a resume are there already.
record BrokenLog(Path file) {

    /// One line.
    ///
    /// @param index of the image in the dataset
    private record Line(int index, String name, String reason) {}

    /// Whether there is one; only a run that is older than this file has none.
    boolean exists() {
        return Files.exists(file);
    }

    /// Makes an empty one.
    void begin() {
        DurableFiles.write(file, new byte[0]);
    }

    /// What it holds, by index; a half-written last line is cut off.
    ///
    /// @throws InputException naming the line that is damaged
    Map<Integer, Broken> read() {
        try {
            byte[] bytes = Files.readAllBytes(file);
            int end = bytes.length;
            while (end > 0 && bytes[end - 1] != '\n') {
                end--;
            }
            byte[] whole = Arrays.copyOf(bytes, end);
            if (end < bytes.length) {
                DurableFiles.write(file, whole);
            }
            var broken = new LinkedHashMap<Integer, Broken>();
            int number = 0;
            for (String json : Utf8.text(file.toString(), whole).lines().toList()) {
                Line line = Json.read(json, Line.class, file + ":" + ++number);
                broken.put(line.index, new Broken(line.name, line.reason));
            }
            return broken;
        } catch (IOException e) {
            throw new InputException(file + " cannot be read: " + Reason.of(e), e);
        }
    }

    /// Appends an image.
    ///
    /// @throws dev.isoflop.fault.RunException if it cannot be written
    void append(int index, Broken broken) {
        String line = Json.line(new Line(index, broken.name(), broken.reason())) + "\n";
        try {
            Files.writeString(file, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw DurableFiles.unwritten(file, e);
        }
    }
}
