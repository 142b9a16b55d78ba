package dev.isoflop.data.coco;

import dev.isoflop.data.tree.ImageNames;
import dev.isoflop.data.tree.LeftOut;
import dev.isoflop.fault.Excerpt;
import dev.isoflop.fault.InputException;
import dev.isoflop.files.Reason;
import dev.isoflop.image.Box;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.exc.InputCoercionException;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/// One of COCO's annotation files: the images it lists, and what it says of them.
///
/// Read as a stream: outlines, most of the half gigabyte that is `instances_train2017.json`, are
/// passed over; where they stand is kept. Annotations may stand before the images and categories
/// they name.
///
/// What a value says is {@link Value}'s to tell. An area that is not said, or not above 0, is
/// measured: that of the outline where there is one, else of the box.
public final class CocoFile {

    private final Path file;
    private final Map<Long, Image> images = new LinkedHashMap<>();
    private final SortedMap<Long, String> categories = new TreeMap<>();
    private final Map<String, Long> categoryOf = new HashMap<>(); // by name
    private final Map<Long, List<String>> captions = new HashMap<>(); // by image
    private final Map<Long, List<Thing>> things = new HashMap<>(); // by image
    private final LeftOut.Count leftOut = new LeftOut.Count();
    private @Nullable FileChannel outlines; // while things without an area are measured

    /// A part of the file.
    ///
    /// @param offset of its first byte; negative where there is none
    public record Extent(long offset, int bytes) {

        public static final Extent NONE = new Extent(-1, 0);

        /// What stands there.
        ///
        /// @param channel of the file
        public byte[] read(FileChannel channel) throws IOException {
            ByteBuffer read = ByteBuffer.allocate(bytes);
            while (read.hasRemaining()) {
                if (channel.read(read, offset + read.position()) < 0) {
                    throw new EOFException("it has become shorter");
                }
            }
            return read.array();
        }
    }

    /// An image of the list.
    ///
    /// @param width in pixels; {@link #UNKNOWN} where the file does not say it
    /// @param height likewise
    public record Image(String name, int width, int height) {

        /// Larger than any image: a side that is not said bounds nothing.
        public static final int UNKNOWN = Integer.MAX_VALUE;

        private static final int MOST = 1 << 16; // a side, in pixels

        /// Whether both sides are said.
        public boolean hasSize() {
            return width != UNKNOWN && height != UNKNOWN;
        }
    }

    /// One thing, or a crowd of them.
    ///
    /// @param id of the annotation, if it has one
    /// @param area that it covers, in pixels
    /// @param x of its left edge in pixels
    /// @param y of its upper edge in pixels
    /// @param outline where its polygons or run lengths stand
    /// @param fault why the outline cannot be painted, as far as its form tells; null where it can
    public record Thing(
            @Nullable Long id,
            long category,
            double area,
            double x,
            double y,
            double width,
            double height,
            boolean isCrowd,
            Extent outline,
            @Nullable String fault) {

        /// The whole pixels that it touches of an image; none where it lies beside it.
        public Optional<Box> box(Image image) {
            int left = (int) Math.max(0, Math.floor(x));
            int top = (int) Math.max(0, Math.floor(y));
            int right = (int) Math.min(image.width, Math.ceil(x + width));
            int bottom = (int) Math.min(image.height, Math.ceil(y + height));
            return right > left && bottom > top
                    ? Optional.of(new Box(left, top, right - left, bottom - top))
                    : Optional.empty();
        }

        /// Its annotation, in words.
        public String annotation() {
            return named(id);
        }
    }

    /// An image or a category as it is read, before it is known to be whole.
    private static final class Listed {

        private @Nullable Long id;
        private @Nullable String name;
        private int width = Image.UNKNOWN;
        private int height = Image.UNKNOWN;
    }

    /// An annotation as it is read, before it is known to be whole.
    private static final class Annotation {

        private @Nullable Long id;
        private @Nullable Long image;
        private boolean hasCaption;
        private @Nullable String caption;
        private @Nullable Long category;
        private @Nullable Double area;
        private int corners; // how many were read
        private final double[] box = new double[4];
        private boolean isCrowd;
        private Extent extent = Extent.NONE;
        private @Nullable String fault = Outline.MISSING;
        private int slivers;
    }

    private static String named(@Nullable Long annotation) {
        return annotation == null ? "an annotation without an id" : "annotation " + annotation;
    }

    private CocoFile(Path file) {
        this.file = file;
    }

    /// Reads `captions_*.json`.
    ///
    /// @throws InputException if it is damaged, of another layout, or has no captions of its images
    public static CocoFile captions(Path file) {
        return new CocoFile(file).read("captions");
    }

    /// Reads `instances_*.json`.
    ///
    /// @throws InputException if it is damaged, of another layout, or has no categories
    public static CocoFile instances(Path file) {
        return new CocoFile(file).read("instances");
    }

    public Path file() {
        return file;
    }

    /// The images it lists, by their number.
    public Map<Long, Image> images() {
        return images;
    }

    /// The names of categories, by their number.
    public SortedMap<Long, String> categories() {
        return categories;
    }

    public List<String> captionsOf(long image) {
        return captions.getOrDefault(image, List.of());
    }

    public List<Thing> thingsOf(long image) {
        return things.getOrDefault(image, List.of());
    }

    /// What it says and is left out.
    public List<LeftOut> leftOut() {
        return leftOut.all();
    }

    private CocoFile read(String kind) {
        if (!Files.isRegularFile(file)) {
            throw new InputException(
                    "%s %s; name COCO's %s_*.json"
                            .formatted(
                                    file,
                                    Files.exists(file) ? "is a folder" : "does not exist",
                                    kind));
        }
        try (JsonParser p = Outline.JSON.createParser(ObjectReadContext.empty(), file.toFile())) {
            boolean isObject = p.nextToken() == JsonToken.START_OBJECT;
            var found = new ArrayList<String>();
            while (isObject && p.nextToken() == JsonToken.PROPERTY_NAME) {
                if (found.contains(p.currentName())) {
                    throw fault(p, p.currentName() + " stands here again; make one list of both");
                }
                found.add(p.currentName());
                readPart(found.getLast(), kind, p);
            }
            if (!isObject || !found.containsAll(List.of("images", "annotations"))) {
                throw new InputException(
                        "%s is not laid out as COCO: it %s; images and annotations are needed"
                                .formatted(
                                        file,
                                        isObject
                                                ? "has " + Excerpt.of(String.join(", ", found))
                                                : "is no JSON object"));
            }
            p.nextToken(); // what stands after the end is an error
        } catch (JacksonException e) {
            throw new InputException(
                    "%s%s  %s: %s; copy or download it again"
                            .formatted(
                                    file,
                                    Reason.place(e),
                                    e instanceof InputCoercionException
                                            ? "is no COCO"
                                            : "is damaged",
                                    Reason.of(e)),
                    e);
        } finally {
            closeOutlines();
        }
        checkImages();
        checkCategories();
        return this;
    }

    private void readPart(String part, String kind, JsonParser p) {
        p.nextToken();
        switch (part) {
            case "images" -> list(part, p, this::readImage);
            case "annotations" -> list(part, p, at -> readAnnotation(kind, at));
            case "categories" -> list(part, p, this::readCategory);
            default -> p.skipChildren();
        }
    }

    private void list(String part, JsonParser p, Consumer<JsonParser> element) {
        if (p.currentToken() != JsonToken.START_ARRAY) {
            throw fault(p, part + " is no list");
        }
        while (p.nextToken() != JsonToken.END_ARRAY) {
            element.accept(p);
        }
    }

    private void members(JsonParser p, BiConsumer<String, Value> member) {
        if (p.currentToken() != JsonToken.START_OBJECT) {
            throw fault(p, "where an object should begin there is " + Value.found(p));
        }
        while (p.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = p.currentName();
            p.nextToken();
            member.accept(name, new Value(file, p));
        }
    }

    private void readImage(JsonParser p) {
        var read = new Listed();
        members(
                p,
                (key, value) -> {
                    switch (key) {
                        case "id" -> read.id = value.whole();
                        case "file_name" -> read.name = value.text();
                        case "width" -> read.width = side(value);
                        case "height" -> read.height = side(value);
                        default -> value.at().skipChildren();
                    }
                });
        Long id = read.id;
        String name = read.name;
        if (id == null) {
            throw fault(p, "the image %s has no id; give it a number".formatted(quoted(name)));
        }
        if (name == null || name.isEmpty()) {
            throw fault(p, "the image %d has no file_name; give it that".formatted(id));
        }
        var image = new Image(name, read.width, read.height);
        Image before = images.putIfAbsent(id, image);
        if (before != null && !before.equals(image)) {
            throw fault(
                    p,
                    "the image %d is listed twice: as %s, and as %s; give each image an id of its own"
                            .formatted(id, described(before), described(image)));
        }
    }

    private static String described(Image image) {
        return image.hasSize()
                ? "%s of %d x %d".formatted(image.name, image.width, image.height)
                : image.name;
    }

    private static String quoted(@Nullable String name) {
        return name == null ? "without a name" : '"' + name + '"';
    }

    private static int side(Value value) {
        Long pixels = value.whole();
        if (pixels == null) {
            return Image.UNKNOWN;
        }
        if (pixels < 1 || pixels >= Image.MOST) {
            throw value.unfit("its pixels, or leave it out");
        }
        return pixels.intValue();
    }

    private void readCategory(JsonParser p) {
        var read = new Listed();
        members(
                p,
                (key, value) -> {
                    switch (key) {
                        case "id" -> read.id = value.whole();
                        case "name" -> read.name = value.text();
                        default -> value.at().skipChildren();
                    }
                });
        Long id = read.id;
        String name = read.name;
        if (id == null) {
            throw fault(
                    p,
                    "the category %s has no id; give it the category_id of its annotations"
                            .formatted(quoted(name)));
        }
        if (name == null || name.isEmpty()) {
            throw fault(
                    p,
                    "the category %d has no name; give it one, such as \"name\": \"cat\""
                            .formatted(id));
        }
        Long other = categoryOf.putIfAbsent(name, id);
        if (other != null && !other.equals(id)) {
            throw fault(
                    p,
                    "the categories %d and %d are both named %s; give each a name of its own, or their annotations one category_id"
                            .formatted(other, id, name));
        }
        String before = categories.putIfAbsent(id, name);
        if (before != null && !before.equals(name)) {
            throw fault(
                    p,
                    "the category %d is listed twice: as %s, and as %s; remove one, or give it an id of its own"
                            .formatted(id, before, name));
        }
    }

    private void readAnnotation(String kind, JsonParser p) {
        var read = new Annotation();
        members(
                p,
                (key, value) -> {
                    switch (key) {
                        case "id" -> read.id = value.whole();
                        case "image_id" -> read.image = value.whole();
                        case "caption" -> {
                            read.hasCaption = true;
                            read.caption = value.text();
                        }
                        case "category_id" -> read.category = value.whole();
                        case "area" -> read.area = value.number();
                        case "bbox" -> readBox(read, value);
                        case "iscrowd" -> read.isCrowd = value.flag();
                        case "segmentation" -> passOver(read, value.at());
                        default -> value.at().skipChildren();
                    }
                });
        if (read.image == null) {
            throw fault(
                    p, named(read.id) + " has no image_id; give it the id of one of the images");
        }
        if (kind.equals("captions")) {
            addCaption(p, read, read.image);
        } else {
            addThing(p, read, read.image);
        }
    }

    private void addCaption(JsonParser p, Annotation read, long image) {
        if (!read.hasCaption) {
            throw fault(p, named(read.id) + " has no caption; name COCO's captions_*.json");
        }
        if (read.caption == null || read.caption.isEmpty()) {
            leftOut.add("captions without a text", named(read.id) + " of " + file);
        } else {
            captions.computeIfAbsent(image, _ -> new ArrayList<>(5)).add(read.caption);
        }
    }

    private void addThing(JsonParser p, Annotation read, long image) {
        if (read.hasCaption && read.category == null) {
            throw fault(p, named(read.id) + " is a caption; name COCO's instances_*.json");
        }
        if (read.category == null) {
            throw fault(
                    p,
                    named(read.id)
                            + " has no category_id; give it the id of one of the categories, or"
                            + " name COCO's instances_*.json");
        }
        if (read.corners != read.box.length) {
            throw fault(
                    p,
                    "%s has %s; write [left, top, width, height] in pixels"
                            .formatted(
                                    named(read.id),
                                    read.corners == 0
                                            ? "no bbox"
                                            : "a bbox of " + read.corners + " numbers"));
        }
        double width = read.box[2];
        double height = read.box[3];
        if (width < 0 || height < 0) {
            throw fault(
                    p,
                    "the bbox of %s is %s wide and %s high; write [left, top, width, height] in pixels"
                            .formatted(named(read.id), width, height));
        }
        if (read.slivers > 0) {
            leftOut.add(
                    "polygons of fewer than three corners, beside others",
                    named(read.id) + " of " + file);
        }
        things.computeIfAbsent(image, _ -> new ArrayList<>())
                .add(
                        new Thing(
                                read.id,
                                read.category,
                                area(read),
                                read.box[0],
                                read.box[1],
                                width,
                                height,
                                read.isCrowd,
                                read.extent,
                                read.fault));
    }

    private void readBox(Annotation read, Value value) {
        if (value.at().currentToken() == JsonToken.VALUE_NULL) {
            return;
        }
        if (value.at().currentToken() != JsonToken.START_ARRAY) {
            throw value.unfit("[left, top, width, height] in pixels");
        }
        while (value.at().nextToken() != JsonToken.END_ARRAY) {
            Double corner = value.number();
            if (corner == null) {
                throw value.unfit("a number");
            }
            if (read.corners < read.box.length) {
                read.box[read.corners] = corner;
            }
            read.corners++;
        }
    }

    /// Notes where an outline stands, and whether it could be painted; nowhere, unless the file is
    /// UTF-8.
    private static void passOver(Annotation read, JsonParser p) {
        long from = p.currentTokenLocation().getByteOffset();
        boolean isOutline = p.currentToken().isStructStart();
        Outline outline = Outline.passedOver(p);
        long to = p.currentLocation().getByteOffset();
        boolean isFound = isOutline && from >= 0 && to > from;
        read.extent = isFound ? new Extent(from, Math.toIntExact(to - from)) : Extent.NONE;
        read.fault =
                isOutline && !isFound ? "its file is not in UTF-8; write it so" : outline.fault();
        read.slivers = outline.slivers();
    }

    /// As said, or measured.
    private double area(Annotation read) {
        if (read.area != null && read.area > 0) {
            return read.area;
        }
        if (read.fault == null) {
            try {
                FileChannel channel = outlines == null ? FileChannel.open(file) : outlines;
                outlines = channel;
                return Outline.of(read.extent.read(channel)).area();
            } catch (IOException e) {
                throw new InputException(file + " cannot be read: " + Reason.of(e), e);
            } catch (IllegalArgumentException _) {
                // run lengths that do not fit: said when they are painted
            }
        }
        return read.box[2] * read.box[3];
    }

    private void closeOutlines() {
        if (outlines != null) {
            try {
                outlines.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            outlines = null;
        }
    }

    /// Every annotation is of an image that is listed.
    private void checkImages() {
        var strays = new ArrayList<String>();
        var annotated = new ArrayList<Long>(captions.keySet());
        annotated.addAll(things.keySet());
        for (long image : annotated) {
            if (!images.containsKey(image)) {
                strays.add(Long.toString(image));
            }
        }
        if (!strays.isEmpty()) {
            throw new InputException(
                    "%s annotates %,d images that it does not list (it lists %,d): %s; copy or"
                                    .formatted(
                                            file,
                                            strays.size(),
                                            images.size(),
                                            ImageNames.some(strays.stream().sorted().toList()))
                            + " download it again");
        }
    }

    private void checkCategories() {
        things.forEach((image, all) -> {
            for (Thing thing : all) {
                if (!categories.containsKey(thing.category)) {
                    throw new InputException(
                            "%s has the category %d in image %d, and does not list it among its %d"
                                            .formatted(
                                                    file, thing.category, image, categories.size())
                                    + " categories");
                }
            }
        });
    }

    private InputException fault(JsonParser p, String complaint) {
        return new Value(file, p).fault(complaint);
    }
}
