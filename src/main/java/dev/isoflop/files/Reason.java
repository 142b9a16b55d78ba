package dev.isoflop.files;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.databind.DatabindException;

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
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Why a file or folder could not be used, or what is wrong with its JSON, in words that follow its
/// path: `runs/a cannot be made: permission denied`.
///
/// Java's own texts are the path again, or the name of a class; the parser's hold advice for
/// programmers.
public final class Reason {

    /// What the parser adds for programmers: where in its source something began, and which of its
    /// settings would do.
    private static final Pattern PROGRAMMERS =
            Pattern.compile(
                    "\\s*\\([^()]*\\[Source: [^\\]]*\\]\\)|[:;,]? *\\(?(enable|as per|from)"
                            + " `[^`]*`.*");

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

    /// What is wrong with a JSON text: `"steps" is missing`, or what the parser says of a syntax
    /// error.
    public static String of(JacksonException e) {
        String message = String.valueOf(e.getOriginalMessage());
        String at = path(e);
        Throwable cause = e.getCause();
        return switch (e) {
            case StreamConstraintsException _ ->
                    "it nests deeper, or has a longer number or text, than any such file";
            case InputCoercionException _ -> "a number is out of range, or no number is there";
            case DatabindException _ when message.startsWith("Trailing token") ->
                    "something stands behind its end";
            case DatabindException _ when cause instanceof IllegalArgumentException found ->
                    at + String.valueOf(found.getMessage());
            case DatabindException _
                    when cause instanceof NullPointerException missing
                            && missing.getMessage() != null
                            && missing.getMessage().matches("\\w+") ->
                    at + missing.getMessage() + " is missing";
            case DatabindException _ when cause instanceof NullPointerException ->
                    at + "a part of it is missing";
            case DatabindException _ -> at + "the value there is of another kind than it must be";
            default -> PROGRAMMERS.matcher(message).replaceAll("");
        };
    }

    /// Where a JSON text is wrong, to put behind the file's name: `:3:14`, or nothing.
    public static String place(JacksonException e) {
        TokenStreamLocation at = e.getLocation();
        return at == null || at.getLineNr() < 1
                ? ""
                : ":" + at.getLineNr() + ":" + at.getColumnNr();
    }

    private static String path(JacksonException e) {
        String path =
                e.getPath().stream()
                        .map(step ->
                                step.getPropertyName() == null
                                        ? "[" + step.getIndex() + "]"
                                        : step.getPropertyName())
                        .collect(Collectors.joining("."))
                        .replace(".[", "[");
        return path.isEmpty() ? "" : path + ": ";
    }
}
