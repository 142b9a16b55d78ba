package dev.isoflop.encoder;

import dev.isoflop.fault.InputException;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Which of a file's tensors are an encoder, and in whose naming.
///
/// An encoder is wherever its mark stands, with what must stand beside it: `teacher.backbone.`,
/// `model.`, `vit.`, or at the root. So wrappers and containers need no list of their own.
///
/// @param naming of the parts
/// @param prefix before each of their names, with its dot; empty at the root
/// @param whose the naming is, for people
/// @param why it was taken for that
/// @param others prefixes of further encoders in the file
record Recognition(Naming naming, String prefix, String whose, String why, List<String> others) {

    /// Where several encoders are, the first of these is meant.
    private static final List<String> PREFERRED =
            List.of("teacher.", "model.", "state_dict.", "model_state_dict.", "");

    private static final String DECODER = "decoder_embed.weight"; // tells MAE from timm
    private static final int SHOWN = 8;

    Recognition {
        others = List.copyOf(others);
    }

    private record Candidate(Naming naming, String prefix) {}

    /// Finds the encoder.
    ///
    /// @param key what its names must begin with, if several are in the file
    /// @throws InputException if there is none, or there are several and nothing says which
    static Recognition of(Path file, Set<String> names, Optional<String> key) {
        List<Candidate> found = candidates(names);
        if (found.isEmpty()) {
            throw unknown(file, names);
        }
        List<Candidate> wanted =
                found.stream()
                        .filter(it -> key.isEmpty() || it.prefix.startsWith(key.get() + "."))
                        .toList();
        if (wanted.isEmpty()) {
            throw new InputException(
                    "--key %s: no encoder of %s stands there; there are %s"
                            .formatted(key.orElse(""), file, places(found)));
        }
        Candidate chosen = chosen(file, wanted);
        List<String> others =
                found.stream().filter(it -> !it.equals(chosen)).map(Candidate::prefix).toList();
        return described(chosen, names, others);
    }

    private static List<Candidate> candidates(Set<String> names) {
        List<Candidate> found = new ArrayList<>();
        for (String name : names) {
            for (Naming naming : Naming.values()) {
                if (name.equals(naming.mark()) || name.endsWith("." + naming.mark())) {
                    String prefix = name.substring(0, name.length() - naming.mark().length());
                    if (naming.beside().stream().allMatch(it -> names.contains(prefix + it))) {
                        found.add(new Candidate(naming, prefix));
                    }
                }
            }
        }
        return found;
    }

    private static Candidate chosen(Path file, List<Candidate> wanted) {
        if (wanted.size() == 1) {
            return wanted.getFirst();
        }
        for (String preferred : PREFERRED) {
            List<Candidate> here =
                    wanted.stream()
                            .filter(it ->
                                    preferred.isEmpty()
                                            ? it.prefix.isEmpty()
                                            : it.prefix.startsWith(preferred))
                            .toList();
            if (here.size() == 1) {
                return here.getFirst();
            }
        }
        throw new InputException(
                "%s holds %d encoders, %s; say which with --key"
                        .formatted(file, wanted.size(), places(wanted)));
    }

    private static String places(List<Candidate> candidates) {
        List<String> places =
                candidates.stream()
                        .map(it -> it.prefix.isEmpty() ? "the root" : it.prefix)
                        .map(it -> it.replaceFirst("\\.$", ""))
                        .toList();
        return String.join(", ", places);
    }

    private static Recognition described(Candidate it, Set<String> names, List<String> others) {
        String whose =
                switch (it.naming) {
                    case TIMM -> ofTimm(it.prefix, names);
                    case HUGGING_FACE -> "Hugging Face's ViT";
                    case CLIP -> "OpenAI's CLIP";
                };
        List<String> marks = it.naming.beside().stream().map(name -> it.prefix + name).toList();
        String why = "there are " + it.prefix + it.naming.mark() + ", " + String.join(", ", marks);
        if (names.contains(it.prefix + DECODER)) {
            why += " and " + it.prefix + DECODER;
        }
        if (!others.isEmpty()) {
            String elsewhere = String.join(", ", others).replaceAll("\\.(?=,|$)", "");
            why +=
                    "; of several encoders "
                            + it.prefix.replaceFirst("\\.$", "")
                            + " was taken, not "
                            + elsewhere;
        }
        return new Recognition(it.naming, it.prefix, whose, why, others);
    }

    /// The same names, in files with different neighbours.
    private static String ofTimm(String prefix, Set<String> names) {
        if (names.contains(prefix + DECODER)) {
            return "MAE's authors'";
        }
        return prefix.endsWith("backbone.")
                ? "DINO's authors'"
                : "timm's, which encoders of MAE, DINO and isoflop share";
    }

    private static InputException unknown(Path file, Set<String> names) {
        if (names.isEmpty()) {
            return new InputException(file + " holds no tensors");
        }
        if (names.stream().anyMatch(it -> it.endsWith("vision_model.embeddings.class_embedding"))) {
            return new InputException(
                    file
                            + " is a CLIP in Hugging Face's naming, which isoflop does not read;"
                            + " OpenAI's own file will do");
        }
        List<String> some = names.stream().sorted().limit(SHOWN).toList();
        return new InputException(
                "%s holds no vision transformer in a naming that isoflop knows (MAE, DINO, timm, Hugging Face's ViT, OpenAI's CLIP); among its %d tensors are %s"
                        .formatted(file, names.size(), String.join(", ", some)));
    }
}
