package dev.isoflop.report;

import java.util.List;
import java.util.stream.Collectors;

/// What every page has around its content: the head, styles, the charts' library, its own script
/// and the data that this draws.
///
/// Everything is inside. A page asks the network for nothing, and its security policy permits no
/// script but the two it came with, by their checksums.
///
/// @param title of the window
/// @param styles files beside this class, one after the other
/// @param script a file beside this class
/// @param data the id under which the script finds what it draws
record PageShell(String title, List<String> styles, String script, String data) {

    PageShell {
        styles = List.copyOf(styles);
    }

    /// The page.
    ///
    /// @param content HTML
    /// @param json what the script draws, without `<`
    String around(String content, String json) {
        String library = Inline.charts();
        String own = Inline.resource(script);
        return """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src %s %s; \
        style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>%s &middot; isoflop</title>
        <link rel="icon" href="data:,">
        <style>
        %s</style>
        </head>
        <body>
        <main>
        %s</main>
        <script type="application/json" id="%s">%s</script>
        <script>%s</script>
        <script>%s</script>
        </body>
        </html>
        """
                .formatted(
                        Inline.checksum(library),
                        Inline.checksum(own),
                        Html.escape(title),
                        styles.stream().map(Inline::resource).collect(Collectors.joining()),
                        content,
                        data,
                        json,
                        library,
                        own);
    }
}
