package dev.isoflop.architecture;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// A page of the documentation: what stands in backticks, in blocks of commands, and behind links.
///
/// @param file the page
/// @param tokens what stands in backticks within the text
/// @param commands lines of blocks that call `isoflop`
/// @param yaml blocks marked as YAML
/// @param links targets of links within the project
record Page(
        Path file, List<Token> tokens, List<Token> commands, List<String> yaml, List<Token> links) {

    private static final Pattern TOKEN = Pattern.compile("`([^`]+)`");
    private static final Pattern LINK = Pattern.compile("]\\(([^)#:]+)(?:#[^)]*)?\\)");

    /// Something named on a page, and where.
    record Token(String text, String where) {

        @Override
        public String toString() {
            return where + "  " + text;
        }

        /// The call of `isoflop` that it is, as words; the first is the verb.
        Optional<List<String>> call() {
            List<String> words = words(text);
            boolean calls =
                    words.size() > 1 && List.of("isoflop", "./isoflop").contains(words.getFirst());
            return calls ? Optional.of(words.subList(1, words.size())) : Optional.empty();
        }
    }

    static Page read(Path file) {
        Page page =
                new Page(
                        file,
                        new ArrayList<>(),
                        new ArrayList<>(),
                        new ArrayList<>(),
                        new ArrayList<>());
        List<String> lines = Project.text(file).lines().toList();
        StringBuilder block = new StringBuilder();
        String language = "";
        boolean fenced = false;
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            String where = file + ":" + (i + 1);
            if (line.startsWith("```")) {
                if (fenced && language.equals("yaml")) {
                    page.yaml.add(block.toString());
                }
                block.setLength(0);
                language = line.substring(3).strip();
                fenced = !fenced;
            } else if (fenced) {
                block.append(line).append('\n');
                if (line.startsWith("./isoflop ")) {
                    page.commands.add(new Token(line, where));
                }
            } else {
                TOKEN.matcher(line)
                        .results()
                        .forEach(m -> page.tokens.add(new Token(m.group(1), where)));
                LINK.matcher(line)
                        .results()
                        .forEach(m -> page.links.add(new Token(m.group(1), where)));
            }
        }
        return page;
    }

    /// The words of a command, as a shell would split them; a comment is left out.
    private static List<String> words(String command) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean quoted = false;
        for (char c : (command + " ").toCharArray()) {
            if (c == '\'') {
                quoted = !quoted;
            } else if (c == ' ' && !quoted) {
                if (!word.isEmpty()) {
                    words.add(word.toString());
                }
                word.setLength(0);
            } else if (c == '#' && word.isEmpty() && !quoted) {
                break;
            } else {
                word.append(c);
            }
        }
        return words;
    }
}
