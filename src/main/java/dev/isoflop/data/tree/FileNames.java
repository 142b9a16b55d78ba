package dev.isoflop.data.tree;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Names of files, which a file system and an archive keep as bytes.
final class FileNames {

    private FileNames() {}

    /// The text of a name: UTF-8, whatever the locale; where it is none, each byte a character, so
    /// that two names stay two. What follows a zero is no part of it.
    static String text(byte[] bytes) {
        int end = 0;
        while (end < bytes.length && bytes[end] != 0) {
            end++;
        }
        byte[] name = Arrays.copyOf(bytes, end);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(name)).toString();
        } catch (CharacterCodingException _) {
            return new String(name, StandardCharsets.ISO_8859_1);
        }
    }
}
