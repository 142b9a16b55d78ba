package dev.isoflop.report;

import dev.isoflop.files.Sha256;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;

/// What a page carries inside itself, so that it asks the network for nothing.
final class Inline {

    /// The charts' library, a dependency of the build.
    private static final String ECHARTS =
            "/META-INF/resources/webjars/echarts/5.3.1/dist/echarts.min.js";

    private Inline() {}

    /// The charts' library, as the content of a script element.
    static String charts() {
        return resource(ECHARTS).replace("</script", "<\\/script");
    }

    /// A file that lies beside this class, or from the root of the class path.
    static String resource(String name) {
        try (InputStream in = Inline.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is missing from the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// How a security policy names a script that may run.
    static String checksum(String script) {
        byte[] digest = HexFormat.of().parseHex(Sha256.of(script.getBytes(StandardCharsets.UTF_8)));
        return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
    }
}
