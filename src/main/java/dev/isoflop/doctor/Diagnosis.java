package dev.isoflop.doctor;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What this machine has, how fast it multiplies matrices, and what is wrong with it.
///
/// @param facts in the order in which they were found
/// @param complaints each with its remedy; none of a machine that is well
public record Diagnosis(List<Fact> facts, List<String> complaints) {

    /// One fact.
    ///
    /// @param name of it
    /// @param value for programs: a text, a number (rates in FLOP a second) or a flag
    /// @param text for people
    public record Fact(String name, Object value, String text) {}

    public Diagnosis {
        facts = List.copyOf(facts);
        complaints = List.copyOf(complaints);
    }

    /// Looks at the machine: reads its meters, loads the native library and multiplies matrices,
    /// which takes some seconds.
    ///
    /// @throws IOException if the system does not say what a disk has
    public static Diagnosis ofThisMachine() throws IOException, InterruptedException {
        return new Examination().diagnosis();
    }

    /// Whether nothing is to be mended.
    public boolean isWell() {
        return complaints.isEmpty();
    }

    /// For people: a line a fact, a line a complaint, and what it comes to.
    public String text() {
        List<String> lines = new ArrayList<>();
        facts.forEach(it -> lines.add(String.format(Locale.ROOT, "%-24s %s", it.name, it.text)));
        complaints.forEach(complaint -> lines.add("! " + complaint));
        lines.add(isWell() ? "all is well" : complaints.size() + " to mend");
        return String.join("\n", lines);
    }

    /// For programs: facts by their names, and the complaints.
    public Map<String, Object> json() {
        Map<String, Object> root = new LinkedHashMap<>();
        facts.forEach(fact -> root.put(fact.name, fact.value));
        root.put("complaints", complaints);
        return root;
    }
}
