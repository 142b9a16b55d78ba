package dev.isoflop.text;

import dev.isoflop.fault.Excerpt;
import dev.isoflop.fault.InputException;
import dev.isoflop.files.Reason;
import dev.isoflop.files.WholeFile;

import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// `tokenizer.json`, in the form of Hugging Face's `tokenizers`: normaliser, words, WordPiece,
/// `[CLS]` and `[SEP]`.
///
/// Read is what this package can do, and what it cannot is refused, never passed over: another
/// model, other words, other tokens around a caption.
final class TokenizerFile {

    /// Characters of a word, at most: what Hugging Face's trainer writes.
    static final int LONGEST_WORD = 100;

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    private static final String ORIGIN = "name a " + Tokenizer.FILE_NAME + " of a BERT";

    private final Path file;

    private TokenizerFile(Path file) {
        this.file = file;
    }

    /// Reads a file.
    ///
    /// @throws InputException naming the file and what is wrong with it
    static Tokenizer read(Path file) {
        try {
            return new TokenizerFile(file)
                    .tokenizer(JSON.readTree(WholeFile.bytes(file, WholeFile.TEXT, "a tokenizer")));
        } catch (JacksonException e) {
            throw new InputException(
                    "%s%s  is damaged: %s; copy or make it again"
                            .formatted(file, Reason.place(e), Reason.of(e)),
                    e);
        } catch (IOException e) {
            throw new InputException(
                    file
                            + (Files.exists(file)
                                    ? " cannot be read: " + Reason.of(e)
                                    : " does not exist; " + ORIGIN),
                    e);
        }
    }

    private Tokenizer tokenizer(JsonNode root) {
        JsonNode model = root.path("model");
        if (!(model.path("vocab") instanceof ObjectNode || model.has("type"))) {
            throw fault("is no tokenizer: it has no model.vocab; " + ORIGIN);
        }
        demand("model.type", model.path("type").asString("WordPiece"), "WordPiece");
        demand("model.unk_token", model.path("unk_token").asString(""), Tokenizer.UNK);
        demand(
                "model.continuing_subword_prefix",
                model.path("continuing_subword_prefix").asString(""),
                Tokenizer.CONTINUED);
        String[] pieces = pieces(model.path("vocab"));
        checkAdded(root.path("added_tokens"), Set.of(pieces));
        checkAround(root.path("post_processor"));
        demand(
                "pre_tokenizer.type",
                root.path("pre_tokenizer").path("type").asString("none"),
                "BertPreTokenizer");
        int longestWord = model.path("max_input_chars_per_word").asInt(LONGEST_WORD);
        return new Tokenizer(words(root.path("normalizer")), List.of(pieces), longestWord);
    }

    private String[] pieces(JsonNode vocabulary) {
        int size = vocabulary.size();
        List<String> missing =
                Tokenizer.NEEDED.stream().filter(special -> !vocabulary.has(special)).toList();
        if (!missing.isEmpty()) {
            throw fault(
                    "has no %s in its vocabulary; captions need %s"
                            .formatted(
                                    String.join(", ", missing),
                                    String.join(", ", Tokenizer.NEEDED)));
        }
        String[] pieces = new String[size];
        for (Map.Entry<String, JsonNode> entry : vocabulary.properties()) {
            JsonNode id = entry.getValue();
            if (!id.isInt() || id.asInt() < 0 || id.asInt() >= size) {
                throw fault(
                        "gives \"%s\" the id %s; ids of %,d pieces run from 0 to %d"
                                .formatted(Excerpt.of(entry.getKey()), id, size, size - 1));
            }
            String other = pieces[id.asInt()];
            if (other != null) {
                throw fault(
                        "gives the id %d to \"%s\" and to \"%s\"; each piece needs its own"
                                .formatted(
                                        id.asInt(), Excerpt.of(other), Excerpt.of(entry.getKey())));
            }
            pieces[id.asInt()] = entry.getKey();
        }
        return pieces;
    }

    private void checkAdded(JsonNode added, Set<String> pieces) {
        for (JsonNode token : added) {
            String content = token.path("content").asString("");
            if (!pieces.contains(content)) {
                throw fault(
                        "adds \"%s\" beside its vocabulary; tokens that are all in model.vocab are"
                                        .formatted(Excerpt.of(content))
                                + " read");
            }
        }
    }

    /// Demands `[CLS]`, the caption, `[SEP]`.
    private void checkAround(JsonNode processor) {
        switch (processor.path("type").asString("none")) {
            case "BertProcessing", "none" -> {} // nothing else can be said, or nothing is
            case "TemplateProcessing" -> {
                JsonNode single = processor.path("single");
                List<String> around =
                        single.valueStream()
                                .map(item -> item.path("SpecialToken").path("id").asString("text"))
                                .toList();
                if (!around.equals(List.of(Tokenizer.CLS, "text", Tokenizer.SEP))) {
                    throw fault(
                            "makes a caption %s; [CLS] text [SEP] is read"
                                    .formatted(Excerpt.of(String.join(" ", around))));
                }
            }
            case String other ->
                    throw fault(
                            "has the post_processor.type %s; TemplateProcessing and BertProcessing"
                                            .formatted(Excerpt.of(other))
                                    + " are read");
        }
    }

    private Words words(JsonNode normalizer) {
        demand("normalizer.type", normalizer.path("type").asString("none"), "BertNormalizer");
        boolean lowercase = normalizer.path("lowercase").asBoolean(true);
        return new Words(
                normalizer.path("clean_text").asBoolean(true),
                normalizer.path("handle_chinese_chars").asBoolean(true),
                normalizer.path("strip_accents").asBoolean(lowercase),
                lowercase);
    }

    private void demand(String key, String found, String wanted) {
        if (!found.equals(wanted)) {
            throw fault("has the %s %s; %s is read".formatted(key, Excerpt.of(found), wanted));
        }
    }

    private InputException fault(String complaint) {
        return new InputException(file + " " + complaint);
    }

    /// The bytes to write.
    static byte[] json(Words words, List<String> pieces, int longestWord) {
        ObjectNode root = JSON.createObjectNode();
        root.put("version", "1.0");
        root.putNull("truncation");
        root.putNull("padding");
        ArrayNode added = root.putArray("added_tokens");
        for (int id = 0; id < pieces.size(); id++) {
            if (Tokenizer.SPECIAL.contains(pieces.get(id))) {
                addSpecial(added.addObject(), pieces.get(id), id);
            }
        }
        addWords(root, words);
        addAround(root.putObject("post_processor"), pieces);
        root.putObject("decoder")
                .put("type", "WordPiece")
                .put("prefix", Tokenizer.CONTINUED)
                .put("cleanup", true);
        ObjectNode vocabulary =
                root.putObject("model")
                        .put("type", "WordPiece")
                        .put("unk_token", Tokenizer.UNK)
                        .put("continuing_subword_prefix", Tokenizer.CONTINUED)
                        .put("max_input_chars_per_word", longestWord)
                        .putObject("vocab");
        for (int id = 0; id < pieces.size(); id++) {
            vocabulary.put(pieces.get(id), id);
        }
        var indenter = new DefaultIndenter("  ", "\n");
        DefaultPrettyPrinter printer =
                new DefaultPrettyPrinter().withObjectIndenter(indenter).withArrayIndenter(indenter);
        String text = JSON.writer().with(printer).writeValueAsString(root) + "\n";
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void addSpecial(ObjectNode token, String content, int id) {
        token.put("id", id)
                .put("content", content)
                .put("single_word", false)
                .put("lstrip", false)
                .put("rstrip", false)
                .put("normalized", false)
                .put("special", true);
    }

    private static void addWords(ObjectNode root, Words words) {
        root.putObject("normalizer")
                .put("type", "BertNormalizer")
                .put("clean_text", words.cleanText())
                .put("handle_chinese_chars", words.handleChineseChars())
                .put("strip_accents", words.stripAccents())
                .put("lowercase", words.lowercase());
        root.putObject("pre_tokenizer").put("type", "BertPreTokenizer");
    }

    private static void addAround(ObjectNode processor, List<String> pieces) {
        processor.put("type", "TemplateProcessing");
        addTemplate(processor.putArray("single"), "A");
        addTemplate(processor.putArray("pair"), "A", "B");
        ObjectNode special = processor.putObject("special_tokens");
        for (String name : Arrays.asList(Tokenizer.CLS, Tokenizer.SEP)) {
            ObjectNode token = special.putObject(name).put("id", name);
            token.putArray("ids").add(pieces.indexOf(name));
            token.putArray("tokens").add(name);
        }
    }

    /// `[CLS] A [SEP]`, or `[CLS] A [SEP] B [SEP]`; the second text is of type 1.
    private static void addTemplate(ArrayNode template, String... texts) {
        addPart(template, "SpecialToken", Tokenizer.CLS, 0);
        for (int type = 0; type < texts.length; type++) {
            addPart(template, "Sequence", texts[type], type);
            addPart(template, "SpecialToken", Tokenizer.SEP, type);
        }
    }

    private static void addPart(ArrayNode template, String kind, String id, int type) {
        template.addObject().putObject(kind).put("id", id).put("type_id", type);
    }
}
