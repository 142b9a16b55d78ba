package dev.isoflop.fuzz;

import java.nio.file.Path;

/// A kind of file that isoflop reads, with a small one that is valid.
///
/// @param name of the kind
/// @param file its name
/// @param valid its bytes
/// @param loss what a reader must do when the end is missing
/// @param reader reads a file to its last number, as isoflop does
@SuppressWarnings("ArrayRecordComponent") // never compared
record Input(String name, String file, byte[] valid, Loss loss, Reader reader) {

    /// What becomes of a file whose end is missing.
    enum Loss {
        /// It is refused, wherever it ends.
        IS_REFUSED,
        /// It may be a shorter file of the same kind, as texts of lines are.
        MAY_GO_UNSEEN
    }

    /// Reads a file.
    @FunctionalInterface
    interface Reader {

        /// Reads it to its end.
        ///
        /// @throws Exception one that tells a user what is wrong, or else it is a fault of ours
        void read(Path file) throws Exception;
    }

    @Override
    public String toString() {
        return name;
    }
}
