package dev.isoflop.data;

import dev.isoflop.data.tree.LeftOut;
import dev.isoflop.image.BrokenImageException;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Pictures by index, with what is known about them. Safe for concurrent reading.
public interface Dataset extends AutoCloseable {

    /// Where it comes from, as a reader of a report should see it.
    String name();

    /// The number of pictures; at least one.
    int size();

    /// What is known about its pictures.
    Set<Field> fields();

    /// The names of the labels, by label; empty when nothing is labelled.
    List<String> classNames();

    /// What other files call the classes, by label: WordNet's numbers, where the classes have them.
    default List<String> classIds() {
        return classNames();
    }

    /// The name of a picture, such as its path below the dataset's root.
    String nameOf(int index);

    /// A picture, not yet decoded.
    ///
    /// @param index from 0 to size - 1
    /// @throws IOException if its file cannot be read
    Sample read(int index) throws IOException;

    /// A picture with its mask, which {@link #read} may leave out where it would have to be read or
    /// painted beside the picture.
    ///
    /// @param index from 0 to size - 1
    /// @throws IOException if a file of it cannot be read
    /// @throws BrokenImageException if the mask's file is damaged
    /// @throws dev.isoflop.fault.InputException if the mask has a value that is no class
    default Sample readWithMask(int index) throws IOException, BrokenImageException {
        return read(index);
    }

    /// The names of the classes of masks, by number.
    default List<String> maskClassNames() {
        return classNames();
    }

    /// What a network is told of pixels without a class.
    default Background background() {
        return Background.IGNORED;
    }

    /// The labels of a picture, as {@link Sample#labels} has them; cheaper than {@link #read} where
    /// the picture is not needed for it.
    default List<Integer> labels(int index) throws IOException {
        return read(index).labels();
    }

    /// The captions of a picture, as {@link Sample#captions} has them; cheaper than {@link #read}
    /// where the picture is not needed for it.
    default List<String> captions(int index) throws IOException {
        return read(index).captions();
    }

    /// Why a picture lacks something that the dataset has of others, as far as that is known
    /// without reading it; none where it has it. A run asks before its first step.
    ///
    /// @param index from 0 to size - 1
    default Optional<String> lacks(Field field, int index) {
        return Optional.empty();
    }

    /// What was found where the dataset was opened and is no part of it. A run says so before its
    /// first step.
    default List<LeftOut> leftOut() {
        return List.of();
    }

    /// What its card says of it beside the names of its pictures and classes; nothing is known of
    /// one that does not say it.
    default Traits traits() {
        return Traits.NAMES_ALONE;
    }

    @Override
    void close();
}
