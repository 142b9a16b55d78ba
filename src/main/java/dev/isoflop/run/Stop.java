package dev.isoflop.run;

/// Whether someone wants a use case to end early: asked between steps, images and runs. What was
/// done by then is kept, and can be continued.
public interface Stop {

    /// Nobody ever wants it.
    Stop NEVER = () -> false;

    /// Whether it is wanted by now; once it is, it stays so.
    boolean wanted();
}
