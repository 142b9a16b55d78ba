package dev.isoflop.data;

import dev.isoflop.recipe.Table;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

/// A dataset whose classes have names from a file, in place of those of its folders.
///
/// What the classes were called stays their id, which other files and datasets know them by.
public final class NamedClasses implements Wrapped {

    private final Dataset whole;
    private final List<String> names;

    private NamedClasses(Dataset whole, List<String> names) {
        this.whole = whole;
        this.names = names;
    }

    /// What a recipe says of it.
    ///
    /// @param source of the pictures and labels
    /// @param file of names, in a form of {@link ClassNames}
    public record Config(Source source, Path file) implements Source {

        /// A source with such names, where the recipe asks for them; else the source itself.
        static Source from(Table t, Source source) {
            boolean isOfFolders =
                    source instanceof ImageFolder.Config || source instanceof TinyImageNet.Config;
            Optional<Path> file =
                    isOfFolders ? t.optionalPath("class-names") : Optional.<Path>empty();
            return file.<Source>map(names -> new Config(source, names)).orElse(source);
        }

        @Override
        public NamedClasses open() {
            return open(Source::open);
        }

        @Override
        public NamedClasses open(Function<Source, Dataset> opener) {
            ClassNames names = ClassNames.read(file);
            return Wrapped.around(
                    opener.apply(source), dataset -> new NamedClasses(dataset, names.of(dataset)));
        }

        @Override
        public void glance() {
            source.glance();
            if (Files.exists(file)) {
                var _ = ClassNames.read(file);
            }
        }

        @Override
        public String name() {
            return source.name();
        }

        @Override
        public OptionalLong size() {
            return source.size();
        }

        @Override
        public Optional<Source> validation() {
            return source.validation().map(other -> new Config(other, file));
        }
    }

    @Override
    public Dataset whole() {
        return whole;
    }

    @Override
    public List<String> classNames() {
        return names;
    }
}
