package dev.isoflop.image;

import java.util.Objects;

/// The bytes of an image file: JPEG, PNG or WebP.
public final class Encoded implements Picture {

    private final byte[] bytes;

    /// Keeps the array itself, not a copy.
    public Encoded(byte[] bytes) {
        this.bytes = Objects.requireNonNull(bytes);
    }

    /// The file's bytes; not a copy.
    public byte[] bytes() {
        return bytes;
    }
}
