package dev.isoflop.encoder;

import dev.isoflop.torch.SafetensorsHeader.Dtype;
import dev.isoflop.torch.SafetensorsLayout.Form;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// A tensor that a file holds, not yet read.
interface Stored {

    /// Element type and shape.
    Form form();

    /// Copies the elements, row-major and little-endian.
    ///
    /// @param dense as many bytes as {@link Form#bytes} says
    void copyTo(MemorySegment dense) throws IOException;

    /// A tensor of zeros that no file holds.
    static Stored zeros(Dtype dtype, long elements) {
        return new Zeros(new Form(dtype, java.util.List.of(elements)));
    }

    /// Nothing but zeros.
    record Zeros(Form form) implements Stored {

        @Override
        public void copyTo(MemorySegment dense) {
            dense.fill((byte) 0);
        }
    }
}
