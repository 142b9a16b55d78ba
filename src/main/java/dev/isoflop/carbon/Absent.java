package dev.isoflop.carbon;

/// A meter that a machine might have and that cannot be read, so that what it would count is
/// estimated.
///
/// @param what would be measured: "processor", "GPU 0"
/// @param why not: "the system lets only root read ..."
/// @param remedy what would do; empty where nothing would
public record Absent(String what, String why, String remedy) {

    /// All of it in one line.
    public String text() {
        return what + ": " + why + (remedy.isEmpty() ? "" : "; " + remedy);
    }
}
