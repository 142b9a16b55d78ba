package dev.isoflop.run;

import java.math.BigInteger;
import java.util.List;

/// A count of FLOPs and how it came about, as a run's folder keeps it.
///
/// @param name what was counted: "one image", "encoder"
/// @param flops how many, exactly
/// @param how the formula with its numbers, or the rule that joins the parts: "sum of the parts"
/// @param parts what it is made of; empty where the formula ends the matter
public record Derivation(String name, BigInteger flops, String how, List<Derivation> parts) {

    public Derivation {
        parts = List.copyOf(parts);
    }
}
