package dev.isoflop.profile;

import java.util.Map;
import java.util.Optional;

/// What a profile found: for people, for machines and, where there is something to see, as a
/// picture.
public sealed interface Profile permits StepProfile, EveryMethod, TimedSteps, DecoderShares {

    /// Tables for a terminal, without an end of line at the end.
    String text();

    /// The same as an object of JSON, whose values are numbers, texts, lists and further objects.
    Map<String, Object> json();

    /// An SVG file that needs nothing else.
    default Optional<String> picture() {
        return Optional.empty();
    }
}
