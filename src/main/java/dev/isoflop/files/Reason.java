package dev.isoflop.files;

import org.jspecify.annotations.Nullable;

import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Locale;

/// Why a file or folder could not be used, in words that follow its path: `runs/a cannot be made:
/// permission denied`.
///
/// Java's own texts are the path again, or the name of a class.
public final class Reason {

    private Reason() {}

    /// The reason alone, without the path.
    public static String of(IOException e) {
        return switch (e) {
            case AccessDeniedException _ -> "permission denied";
            case NoSuchFileException _ -> "it does not exist";
            case FileAlreadyExistsException _ -> "something is in its place already";
            case FileSystemLoopException _ -> "its links lead round in a circle";
            case NotDirectoryException _ -> "it is no folder";
            case DirectoryNotEmptyException _ -> "it is a folder that is not empty";
            case FileSystemException system -> words(system.getReason());
            case CharacterCodingException _ -> "it is not UTF-8";
            case EOFException _ -> "it ends too early";
            default -> words(e.getMessage());
        };
    }

    /// The path and the reason; only the reason where no path is known.
    public static String withPath(IOException e) {
        return e instanceof FileSystemException system && system.getFile() != null
                ? system.getFile() + ": " + of(e)
                : of(e);
    }

    /// Whether there was no room for what was written.
    public static boolean isFull(IOException e) {
        String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
        return message.contains("no space left")
                || message.contains("not enough space")
                || message.contains("quota exceeded");
    }

    /// Whether a pipe was written to that nobody reads any more, as after `| head`.
    public static boolean isClosedPipe(IOException e) {
        String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
        return message.contains("broken pipe") || message.contains("pipe is being closed");
    }

    /// What the system calls it, where that says more than Java does.
    private static String words(@Nullable String system) {
        if (system == null || system.isBlank()) {
            return "the system does not say why";
        }
        String lower = system.toLowerCase(Locale.ROOT);
        if (lower.contains("symbolic link")) {
            return "its links lead round in a circle";
        }
        if (lower.equals("not a directory")) {
            return "a part of its path is no folder";
        }
        if (lower.equals("is a directory")) {
            return "it is a folder";
        }
        boolean sentence =
                system.length() > 1
                        && Character.isUpperCase(system.charAt(0))
                        && Character.isLowerCase(system.charAt(1));
        return sentence ? Character.toLowerCase(system.charAt(0)) + system.substring(1) : system;
    }
}
