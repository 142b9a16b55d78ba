package dev.isoflop.encoder;

import dev.isoflop.encoder.Conversion.Left;
import dev.isoflop.fault.InputException;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Which tensors of a file become which parameter, and which do not.
///
/// @param sources of each parameter of ours, by name: queries, keys and values apart are three
/// @param left what is not used, and why
record Parts(Map<String, List<String>> sources, List<Left> left) {

    private static final int SHOWN = 3;

    /// Sorts the tensors of a file.
    ///
    /// @throws InputException if the encoder has parts that ours has not
    static Parts of(Path file, Set<String> names, Recognition found, List<String> leaveOut) {
        Map<String, TreeMap<Integer, String>> parts = new LinkedHashMap<>();
        List<Left> left = new ArrayList<>();
        Map<String, List<String>> strange = new LinkedHashMap<>();
        for (String name : names) {
            if (leaveOut.stream().anyMatch(name::startsWith)) {
                left.add(new Left(name, "left out as asked"));
            } else if (!name.startsWith(found.prefix()) || another(name, found)) {
                left.add(new Left(name, outside(name, found)));
            } else {
                switch (found.naming().fate(name.substring(found.prefix().length()))) {
                    case Naming.Fate.Part part ->
                            parts.computeIfAbsent(part.name(), _ -> new TreeMap<>())
                                    .put(part.third(), name);
                    case Naming.Fate.Left it -> left.add(new Left(name, it.why()));
                    case Naming.Fate.Strange it ->
                            strange.computeIfAbsent(it.what(), _ -> new ArrayList<>()).add(name);
                }
            }
        }
        if (!strange.isEmpty()) {
            throw foreign(file, strange);
        }
        Map<String, List<String>> sources = new LinkedHashMap<>();
        parts.forEach((ours, thirds) -> sources.put(ours, List.copyOf(thirds.values())));
        return new Parts(sources, left);
    }

    /// With what the network has no parameter for.
    static InputException foreign(Path file, Map<String, List<String>> strange) {
        List<String> kinds = new ArrayList<>();
        strange.forEach((what, names) -> {
            String some = String.join(", ", names.subList(0, Math.min(SHOWN, names.size())));
            String more = names.size() > SHOWN ? " and " + (names.size() - SHOWN) + " more" : "";
            kinds.add(what + " (" + some + more + ")");
        });
        return new InputException(
                "%s is no encoder of ours: it has parts that isoflop's network has not, %s. Without them it would compute something else; where they do not belong to the encoder, name them with --leave-out"
                        .formatted(file, String.join("; ", kinds)));
    }

    private static boolean another(String name, Recognition found) {
        return found.others().stream()
                .anyMatch(it -> it.startsWith(found.prefix()) && name.startsWith(it));
    }

    private static String outside(String name, Recognition found) {
        for (String other : found.others()) {
            String key = other.contains(".") ? other.substring(0, other.indexOf('.')) : other;
            if (!key.isEmpty() && name.startsWith(key + ".")) {
                return "of another encoder, which --key " + key + " reads";
            }
        }
        if (name.startsWith("optimizer.")) {
            return "the state of an optimiser";
        }
        return switch (found.naming()) {
            case CLIP -> "of CLIP's text tower, or of what joins it to images";
            case TIMM, HUGGING_FACE -> "stands beside the encoder: a head, projector or decoder";
        };
    }
}
