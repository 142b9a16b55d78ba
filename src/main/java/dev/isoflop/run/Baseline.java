package dev.isoflop.run;

import dev.isoflop.fault.Check;

import java.util.List;
import java.util.Objects;

/// What a score is to be held against: a score that is no better says nothing of the encoder.
///
/// @param chance what the best answer reaches that is the same for every image, 0 to 1
/// @param guess that answer in words, such as `always "heart", the commonest class`
/// @param untrained what the same protocol reaches with an encoder of the same shape that was never
///   trained, 0 to 1, one a seed; none where it was left out
public record Baseline(double chance, String guess, List<Double> untrained) {

    public Baseline {
        Check.that(chance >= 0 && chance <= 1, "chance is %s; it must lie between 0 and 1", chance);
        Objects.requireNonNull(guess, "guess");
        untrained = List.copyOf(Objects.requireNonNullElse(untrained, List.of()));
    }
}
