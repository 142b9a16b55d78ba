package dev.isoflop.run;

import dev.isoflop.fault.InputException;
import dev.isoflop.files.DurableFiles;
import dev.isoflop.files.Json;
import dev.isoflop.files.Reason;
import dev.isoflop.files.WholeFile;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/// The measurements of a run: one line of JSON a step, in the order of the steps.
///
/// A line reaches the operating system when it is appended, so that a killed process loses at most
/// the line it was writing; [#force] brings all lines to the disk.
public final class Measurements implements AutoCloseable {

    private final Path file;
    private final FileChannel channel;

    private Measurements(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /// Opens the file to append to, or makes it. A half-written last line is cut off.
    ///
    /// @throws dev.isoflop.fault.RunException if it cannot be written
    public static Measurements open(Path file) {
        try {
            FileChannel channel =
                    FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            var measurements = new Measurements(file, channel);
            measurements.cut(wholeLines(WholeFile.bytes(file, WholeFile.RECORD, "measurements")));
            return measurements;
        } catch (IOException e) {
            throw DurableFiles.unwritten(file, e);
        }
    }

    /// All measurements of a file, without a half-written last line; none if there is no file.
    ///
    /// @throws InputException naming the line that is no measurement
    public static List<Measurement> read(Path file) {
        if (!Files.exists(file)) {
            return List.of();
        }
        try {
            List<Measurement> all = new ArrayList<>();
            for (Line line : lines(WholeFile.bytes(file, WholeFile.RECORD, "measurements"))) {
                all.add(parse(file, all.size() + 1, line));
            }
            return List.copyOf(all);
        } catch (IOException e) {
            throw new InputException(file + " cannot be read: " + Reason.of(e), e);
        }
    }

    /// Appends a line.
    ///
    /// @throws dev.isoflop.fault.RunException if it cannot be written; the lines before it are kept
    public void append(Measurement measurement) {
        byte[] line = (Json.line(measurement) + "\n").getBytes(StandardCharsets.UTF_8);
        try {
            ByteBuffer rest = ByteBuffer.wrap(line);
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
        } catch (IOException e) {
            throw DurableFiles.unwritten(file, e);
        }
    }

    /// Removes the lines after a step, so that a resumed run does not write them twice.
    ///
    /// @param step the last to keep; 0 removes all
    public void truncateAfter(long step) {
        try {
            int number = 0;
            long end = 0;
            for (Line line : lines(WholeFile.bytes(file, WholeFile.RECORD, "measurements"))) {
                number++;
                if (parse(file, number, line).step() > step) {
                    break;
                }
                end = line.end();
            }
            cut(end);
            channel.force(true);
        } catch (IOException e) {
            throw DurableFiles.unwritten(file, e);
        }
    }

    /// Brings every line to the disk: done with each checkpoint, which relies on them.
    public void force() {
        try {
            channel.force(true);
        } catch (IOException e) {
            throw DurableFiles.unwritten(file, e);
        }
    }

    /// Brings every line to the disk and closes the file.
    @Override
    public void close() {
        try (channel) {
            channel.force(true);
        } catch (IOException e) {
            throw DurableFiles.unwritten(file, e);
        }
    }

    private void cut(long bytes) throws IOException {
        channel.truncate(bytes);
        channel.position(bytes);
    }

    private static Measurement parse(Path file, int number, Line line) {
        return Json.read(line.text(), Measurement.class, file + ":" + number);
    }

    private static long wholeLines(byte[] bytes) {
        List<Line> lines = lines(bytes);
        return lines.isEmpty() ? 0 : lines.getLast().end();
    }

    /// The lines that end in a new line.
    private static List<Line> lines(byte[] bytes) {
        List<Line> lines = new ArrayList<>();
        int begin = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                String text = new String(bytes, begin, i - begin, StandardCharsets.UTF_8);
                lines.add(new Line(text, i + 1));
                begin = i + 1;
            }
        }
        return lines;
    }

    /// A line of the file.
    ///
    /// @param end bytes of the file up to and with it
    private record Line(String text, long end) {}
}
