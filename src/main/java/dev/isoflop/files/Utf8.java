package dev.isoflop.files;

import dev.isoflop.fault.InputException;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/// Text files, strictly: bytes that are no UTF-8 are refused, not replaced.
public final class Utf8 {

    private Utf8() {}

    /// The text of a file, without a byte order mark.
    ///
    /// @param where names the file in the error
    public static String text(String where, byte[] bytes) {
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)) + "";
            return text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw new InputException(where + " is not UTF-8; save it as UTF-8", e);
        }
    }
}
