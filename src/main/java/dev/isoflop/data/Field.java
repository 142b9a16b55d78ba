package dev.isoflop.data;

import java.util.Set;

/// What a dataset may know about its pictures.
public enum Field {
    /// Classes shown; where a picture has none, {@link Dataset#lacks} says so.
    LABELS,
    /// Sentences that describe it; a picture has one or more.
    CAPTIONS,
    /// Where single things are; a picture may have none.
    BOXES,
    /// The class of every pixel; where a picture can have none, {@link Dataset#lacks} says so.
    MASKS;

    /// What would do where some pictures lack this.
    public String remedyForSome() {
        return switch (this) {
            case LABELS -> "label them, or take them off the data";
            case CAPTIONS -> "describe them, or take them off the data";
            case BOXES, MASKS -> "correct the annotations, or take these images off the data";
        };
    }

    /// What would make data have this, for whoever misses it.
    ///
    /// @param known what the data has
    public String remedy(Set<Field> known) {
        return switch (this) {
            case CAPTIONS ->
                    known.contains(LABELS)
                            ? "set data.pseudo-captions=true to make captions of its labels"
                            : "give it a caption file, of data.kind image-text or coco";
            case LABELS ->
                    "put the images of each class into a folder of their own, or give data.kind"
                            + " coco its instances";
            case BOXES, MASKS -> "take data that has them";
        };
    }
}
