package dev.isoflop.carbon;

/// What a meter answers when it is read.
public sealed interface Reading {

    /// Energy since the reading before.
    ///
    /// @param joules not negative; 0 where the counter has not moved yet
    record Counted(double joules) implements Reading {}

    /// The meter cannot be read any more, and will not be asked again.
    ///
    /// @param why in words that can follow the meter's name: "its file is gone"
    record Lost(String why) implements Reading {}
}
