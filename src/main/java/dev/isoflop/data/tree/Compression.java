package dev.isoflop.data.tree;

import dev.isoflop.fault.InputException;

import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What a file is compressed with, by its first bytes, whatever its name says.
///
/// @param name of the format
/// @param command that unpacks a file beside itself
/// @param extensions that such files have, behind `.tar` or, where they begin with `.t`, alone
/// @param magic the first bytes, as hexadecimal digits
record Compression(String name, String command, List<String> extensions, String magic) {

    /// How many first bytes tell.
    static final int MAGIC = 6;

    private static final List<Compression> ALL =
            List.of(
                    new Compression("gzip", "gzip -d", List.of(".gz", ".tgz"), "1f8b"),
                    new Compression("zstd", "zstd -d", List.of(".zst", ".tzst"), "28b52ffd"),
                    new Compression(
                            "bzip2", "bzip2 -d", List.of(".bz2", ".tbz2", ".tbz"), "425a68"),
                    new Compression("xz", "xz -d", List.of(".xz", ".txz"), "fd377a585a00"),
                    new Compression("lz4", "lz4 -d", List.of(".lz4"), "04224d18"),
                    new Compression("zip", "unzip", List.of(".zip"), "504b0304"));

    /// @param first the first bytes of a file
    static Optional<Compression> of(byte[] first) {
        String digits = HexFormat.of().formatHex(first);
        return ALL.stream().filter(kind -> digits.startsWith(kind.magic)).findFirst();
    }

    /// Whether a name promises an archive, compressed or not.
    static boolean isArchiveName(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.endsWith(".tar")
                || ALL.stream()
                        .flatMap(kind -> kind.extensions.stream())
                        .anyMatch(end -> lower.endsWith(end.startsWith(".t") ? end : ".tar" + end));
    }

    /// What to say of a file that is compressed: not that it is damaged.
    InputException refusal(Path file) {
        if (name.equals("zip")) {
            return new InputException(
                    file
                            + " is a zip archive; unpack it, and name the folder or pack it as a"
                            + " .tar");
        }
        String lower = file.toString().toLowerCase(Locale.ROOT);
        boolean isSaid = extensions.stream().anyMatch(lower::endsWith);
        String named = isSaid ? file.toString() : file + extensions.getFirst();
        return new InputException(
                "%s is compressed (%s)%s; unpack it once to a .tar, which is read in place: %s%s %s"
                        .formatted(
                                file,
                                name,
                                isSaid ? "" : ", whatever its name says",
                                isSaid ? "" : "mv %s %s && ".formatted(file, named),
                                command,
                                named));
    }
}
