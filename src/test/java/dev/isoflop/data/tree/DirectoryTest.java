package dev.isoflop.data.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Path;
import java.util.List;

/// What a directory does with what it may not list. The files of these are not there: to a test
/// that the superuser runs, every folder is open.
class DirectoryTest {

    private static final Path ROOT = Path.of("images");

    @Test
    void aPrivateFolderIsLeftOutAndCounted() throws IOException {
        var listing = new Directory.Listing(ROOT);
        for (String folder : List.of("lost+found", "cat/private")) {
            Path path = ROOT.resolve(folder);
            assertThat(listing.visitFileFailed(path, new AccessDeniedException(path.toString())))
                    .isEqualTo(FileVisitResult.CONTINUE);
        }
        assertThat(listing.leftOut())
                .containsExactly(
                        new LeftOut(
                                "folders that may not be read",
                                2,
                                List.of("cat/private/", "lost+found/")));
    }

    @Test
    void whatElseFailsIsLeftOutWithItsReason() throws IOException {
        var listing = new Directory.Listing(ROOT);
        Path path = ROOT.resolve("cat");
        var _ =
                listing.visitFileFailed(
                        path, new FileSystemException(path.toString(), null, "Stale file handle"));
        assertThat(listing.leftOut())
                .containsExactly(
                        new LeftOut("not to be read: stale file handle", 1, List.of("cat")));
    }

    @Test
    void aRootThatMayNotBeReadIsAnError() {
        var listing = new Directory.Listing(ROOT);
        assertThatExceptionOfType(AccessDeniedException.class)
                .isThrownBy(() ->
                        listing.visitFileFailed(ROOT, new AccessDeniedException(ROOT.toString())));
    }
}
