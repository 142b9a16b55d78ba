package dev.isoflop.data.coco;

import dev.isoflop.data.tree.ImageNames;
import dev.isoflop.fault.Excerpt;
import dev.isoflop.fault.InputException;
import dev.isoflop.files.Reason;
import dev.isoflop.image.Box;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.core.json.JsonFactory;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/// One of COCO's annotation files: the images it lists, and what it says of them.
///
/// Read as a stream: outlines, most of the half gigabyte that is `instances_train2017.json`, are
/// passed over; where they stand is kept. Annotations may stand before the images and categories
/// they name.
public final class CocoFile {

    private static final JsonFactory JSON = new JsonFactory();

    private final Path file;
    private final Map<Long, Image> images = new LinkedHashMap<>();
    private final SortedMap<Long, String> categories = new TreeMap<>();
    private final Map<Long, List<String>> captions = new HashMap<>(); // by image
    private final Map<Long, List<Thing>> things = new HashMap<>(); // by image

    /// A part of the file.
    ///
    /// @param offset of its first byte; negative where there is none
    public record Extent(long offset, int bytes) {

        public static final Extent NONE = new Extent(-1, 0);
    }

    /// An image of the list.
    public record Image(String name, double width, double height) {

        private static final int MOST = 1 << 16; // a side, in pixels

        private boolean hasSize() {
            return width >= 1 && width < MOST && height >= 1 && height < MOST;
        }
    }

    /// One thing, or a crowd of them.
    ///
    /// @param id of the annotation
    /// @param area that it covers, in pixels
    /// @param x of its left edge in pixels
    /// @param y of its upper edge in pixels
    /// @param outline where its polygons or run lengths stand
    public record Thing(
            long id,
            long category,
            double area,
            double x,
            double y,
            double width,
            double height,
            boolean isCrowd,
            Extent outline) {

        /// The whole pixels that it touches of an image.
        public Box box(Image image) {
            int left = pixel(x, image.width);
            int top = pixel(y, image.height);
            double right = Math.min(image.width, Math.ceil(x + width));
            double bottom = Math.min(image.height, Math.ceil(y + height));
            return new Box(
                    left, top, Math.max(1, (int) right - left), Math.max(1, (int) bottom - top));
        }

        private static int pixel(double at, double end) {
            return (int) Math.max(0, Math.min(end - 1, Math.floor(at)));
        }
    }

    /// An annotation as it is read, before it is known to be whole.
    private static final class Annotation {

        private @Nullable Long id;
        private @Nullable Long image;
        private @Nullable String caption;
        private @Nullable Long category;
        private double area;
        private int corners; // how many were read
        private final double[] box = new double[4];
        private boolean isCrowd;
        private Extent outline = Extent.NONE;

        private void addCorner(JsonParser p) {
            double corner = p.getDoubleValue();
            if (corners < box.length) {
                box[corners] = corner;
            }
            corners++;
        }
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

    private CocoFile read(String kind) {
        if (!Files.isRegularFile(file)) {
            throw new InputException(
                    "%s %s; name COCO's %s_*.json"
                            .formatted(
                                    file,
                                    Files.exists(file) ? "is a folder" : "does not exist",
                                    kind));
        }
        try (JsonParser p = JSON.createParser(ObjectReadContext.empty(), file.toFile())) {
            boolean isObject = p.nextToken() == JsonToken.START_OBJECT;
            var found = new ArrayList<String>();
            while (isObject && p.nextToken() == JsonToken.PROPERTY_NAME) {
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

    private void members(JsonParser p, BiConsumer<String, JsonParser> member) {
        if (p.currentToken() != JsonToken.START_OBJECT) {
            throw fault(p, "where an object should begin there is " + p.getString());
        }
        while (p.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = p.currentName();
            p.nextToken();
            member.accept(name, p);
        }
    }

    private void readImage(JsonParser p) {
        long[] id = {-1};
        String[] name = {""};
        double[] size = {Integer.MAX_VALUE, Integer.MAX_VALUE};
        members(
                p,
                (key, at) -> {
                    switch (key) {
                        case "id" -> id[0] = at.getLongValue();
                        case "file_name" -> name[0] = at.getString();
                        case "width" -> size[0] = at.getDoubleValue();
                        case "height" -> size[1] = at.getDoubleValue();
                        default -> at.skipChildren();
                    }
                });
        if (id[0] < 0 || name[0].isEmpty()) {
            throw fault(p, "an image has no id or no file_name");
        }
        if (images.put(id[0], new Image(name[0], size[0], size[1])) != null) {
            throw fault(p, "the image " + id[0] + " is listed twice");
        }
    }

    private void readCategory(JsonParser p) {
        long[] id = {-1};
        String[] name = {""};
        members(
                p,
                (key, at) -> {
                    switch (key) {
                        case "id" -> id[0] = at.getLongValue();
                        case "name" -> name[0] = at.getString();
                        default -> at.skipChildren();
                    }
                });
        categories.put(id[0], name[0]);
    }

    private void readAnnotation(String kind, JsonParser p) {
        var read = new Annotation();
        members(
                p,
                (key, at) -> {
                    switch (key) {
                        case "id" -> read.id = at.getLongValue();
                        case "image_id" -> read.image = at.getLongValue();
                        case "caption" -> read.caption = at.getString().strip();
                        case "category_id" -> read.category = at.getLongValue();
                        case "area" -> read.area = at.getDoubleValue();
                        case "bbox" -> list("bbox", at, read::addCorner);
                        case "iscrowd" -> read.isCrowd = at.getIntValue() != 0;
                        case "segmentation" -> read.outline = passOver(at);
                        default -> at.skipChildren();
                    }
                });
        if (read.image == null) {
            throw fault(p, "annotation " + read.id + " has no image_id");
        }
        if (kind.equals("captions")) {
            if (read.caption == null) {
                throw fault(
                        p,
                        "annotation " + read.id + " has no caption; name COCO's captions_*.json");
            }
            if (!read.caption.isEmpty()) {
                captions.computeIfAbsent(read.image, _ -> new ArrayList<>(5)).add(read.caption);
            }
            return;
        }
        if (read.category == null || read.corners != read.box.length) {
            throw fault(
                    p,
                    "annotation %s has no category_id or no bbox of 4; name COCO's instances_*.json"
                            .formatted(read.id));
        }
        things.computeIfAbsent(read.image, _ -> new ArrayList<>())
                .add(
                        new Thing(
                                read.id == null ? -1 : read.id,
                                read.category,
                                read.area,
                                read.box[0],
                                read.box[1],
                                read.box[2],
                                read.box[3],
                                read.isCrowd,
                                read.outline));
    }

    /// Where a value stands; nowhere, unless it is a list or an object and the file is UTF-8.
    private static Extent passOver(JsonParser p) {
        long from = p.currentTokenLocation().getByteOffset();
        boolean isOutline = p.currentToken().isStructStart();
        p.skipChildren();
        long to = p.currentLocation().getByteOffset();
        return isOutline && from >= 0 && to > from
                ? new Extent(from, Math.toIntExact(to - from))
                : Extent.NONE;
    }

    /// Whether every annotation has an outline, and every image a size to paint it at.
    public boolean isOutlined() {
        return images.values().stream().allMatch(Image::hasSize)
                && things.values().stream()
                        .flatMap(List::stream)
                        .noneMatch(thing -> thing.outline.equals(Extent.NONE));
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
        TokenStreamLocation at = p.currentTokenLocation();
        return new InputException(
                "%s:%d:%d  %s".formatted(file, at.getLineNr(), at.getColumnNr(), complaint));
    }
}
