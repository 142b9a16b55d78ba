package dev.isoflop.run;

/// Who is told how a use case goes: a terminal, a page, a test, or nobody.
///
/// Calls come from the thread that runs the use case, in order.
public interface RunListener {

    /// Is told nothing.
    RunListener NONE = new RunListener() {};

    /// A line for people: what begins, what was found, what to know; without an end of line.
    default void said(String line) {}

    /// A step is done.
    ///
    /// @param m of the step
    /// @param steps of the whole run
    default void step(Measurement m, long steps) {}

    /// Of several runs another begins: steps and progress are its own from here on.
    ///
    /// @param which in a word or two, such as "from scratch"; empty for the run that was asked for
    default void begins(String which) {}

    /// A long piece of work beside the steps is under way, such as an evaluation.
    ///
    /// @param what is done, in a word or two
    /// @param done of it
    /// @param of in all
    default void progress(String what, long done, long of) {}
}
