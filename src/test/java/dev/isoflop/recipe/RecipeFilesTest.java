package dev.isoflop.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.isoflop.fault.InputException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Folders of recipes as they lie on a disk.
class RecipeFilesTest {

    @TempDir Path folder = Path.of("");

    private List<String> names() {
        return new RecipeFiles(List.of(), null)
                .readAll(folder).stream().map(table -> table.text("name")).toList();
    }

    private void recipe(String file, String name) throws IOException {
        Path path = folder.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, "name: " + name + "\n");
    }

    @Test
    void recipesAreFoundBelowAFolderInTheOrderOfTheirPaths() throws IOException {
        recipe("b/2.yaml", "second");
        recipe("a/deep/1.yaml", "first");
        recipe("c.yaml", "third");
        Files.writeString(folder.resolve("notes.txt"), "no recipe");
        assertThat(names()).containsExactly("first", "second", "third");
    }

    @Test
    void whatTheFileSystemKeepsAndLoopsOfLinksArePassedOver() throws IOException {
        recipe("a.yaml", "only");
        recipe("lost+found/b.yaml", "none of ours");
        Files.createSymbolicLink(folder.resolve("loop"), folder);
        Files.createSymbolicLink(folder.resolve("round"), folder.resolve("round"));
        assertThat(names()).containsExactly("only");
    }

    @Test
    void aFolderWithoutRecipesIsNamed() {
        assertThatExceptionOfType(InputException.class)
                .isThrownBy(this::names)
                .withMessage(folder + " holds no recipe: no file ends in .yaml");
    }
}
