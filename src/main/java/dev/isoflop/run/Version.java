package dev.isoflop.run;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.Properties;

/// Which isoflop this is, as figures and pages say it.
public final class Version {

    /// Written by the build, where it runs in a Git repository.
    private static final String COMMIT = "commit.properties";

    private Version() {}

    /// The version in the jar's manifest; "development" where classes come from no jar.
    public static String isoflop() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    /// The commit that this was built from, 40 hexadecimal digits, with `-dirty` after them if
    /// files had been changed since; nothing where the build knew of no repository.
    public static Optional<String> commit() {
        try (InputStream in = Version.class.getResourceAsStream(COMMIT)) {
            return commit(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// @param properties as the build writes them; null if it did not
    static Optional<String> commit(@Nullable InputStream properties) throws IOException {
        var said = new Properties();
        if (properties != null) {
            said.load(properties);
        }
        String dirty = said.getProperty("git.dirty", "false").equals("true") ? "-dirty" : "";
        return Optional.ofNullable(said.getProperty("git.commit.id"))
                .filter(commit -> commit.matches("[0-9a-f]{40,64}"))
                .map(commit -> commit + dirty);
    }

    /// Both, in a line: "0.1.0, commit 41c0...".
    public static String described() {
        return isoflop() + commit().map(commit -> ", commit " + commit).orElse("");
    }
}
