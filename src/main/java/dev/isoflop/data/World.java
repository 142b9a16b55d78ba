package dev.isoflop.data;

import dev.isoflop.data.world.Backdrop;
import dev.isoflop.data.world.Cast;
import dev.isoflop.data.world.Colour;
import dev.isoflop.data.world.Painter;
import dev.isoflop.data.world.Painter.Owners;
import dev.isoflop.data.world.Painter.Painting;
import dev.isoflop.data.world.Scene;
import dev.isoflop.data.world.Shape;
import dev.isoflop.data.world.Texture;
import dev.isoflop.data.world.Thing;
import dev.isoflop.recipe.Table;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/// Pictures drawn on the fly: usually one to four things of eight shapes, six textures and twelve
/// colours on twelve backdrops; a {@link Cast} of fewer makes an easier world.
///
/// An index is always the same scene, at any resolution. Classes are usually pairs of texture and
/// shape ("striped star", "plain heart"), for colour alone would be too easy; labels begin with the
/// thing that covers most. Captions say size, texture, colour, shape, place and backdrop.
public final class World implements Dataset {

    /// Raised whenever an index becomes another scene, picture or mask.
    static final int GENERATOR = 1;

    /// What its labels name.
    public enum Labels {
        /// Pairs, such as "striped star": 48.
        TEXTURE_AND_SHAPE,
        /// Such as "star": 8.
        SHAPE,
        /// Such as "striped": 6.
        TEXTURE;

        private String nameOf(Texture texture, Shape shape) {
            String pattern = texture == Texture.PLAIN ? "plain" : texture.word();
            return switch (this) {
                case TEXTURE_AND_SHAPE -> pattern + " " + shape.word();
                case SHAPE -> shape.word();
                case TEXTURE -> pattern;
            };
        }

        private List<String> among(Cast cast) {
            return cast.textures().stream()
                    .flatMap(texture -> cast.shapes().stream().map(shape -> nameOf(texture, shape)))
                    .distinct()
                    .toList();
        }
    }

    private final Config config;
    private final List<String> classNames;

    private World(Config config) {
        this.config = config;
        classNames = config.labels.among(config.cast);
    }

    /// What a recipe says of it.
    ///
    /// @param images how many there are
    /// @param side of each image in pixels
    /// @param seed another seed is another world: give training and evaluation different ones
    /// @param background of its masks
    /// @param cast how many things an image may show, and of what size
    /// @param labels what they name
    public record Config(
            int images, int side, long seed, Background background, Cast cast, Labels labels)
            implements Source {

        private static final int IMAGES = 100_000;
        private static final int LEAST_SIDE = 8;
        private static final int MOST_SIDE = 4096;

        public Config {
            if (images < 1) {
                throw new IllegalArgumentException(
                        "images is " + images + "; a world has 1 or more");
            }
            if (side < LEAST_SIDE || side > MOST_SIDE) {
                throw new IllegalArgumentException(
                        "side is %d; a world's images have %d to %d pixels a side"
                                .formatted(side, LEAST_SIDE, MOST_SIDE));
            }
            Coco.checkBackground(background);
        }

        /// With a background that is a class of its own: it is most of each image, and known.
        public Config(int images, int side, long seed) {
            this(images, side, seed, Background.CLASS, Cast.USUAL, Labels.TEXTURE_AND_SHAPE);
        }

        /// Reads it.
        ///
        /// @param image side that the run's images will have, which these have by default
        static Config from(Table t, int image) {
            Cast usual = Cast.USUAL;
            return t.build(() ->
                    new Config(
                            t.count("images", IMAGES),
                            t.count("side", image),
                            t.whole("seed", 0),
                            t.choice("background", Background.CLASS),
                            new Cast(
                                    t.count("things", usual.things()),
                                    (float) t.real("least-radius", usual.leastRadius()),
                                    (float) t.real("most-radius", usual.mostRadius()),
                                    (float) t.real("turn", usual.turn()),
                                    t.choices("shapes", Shape.class),
                                    t.choices("textures", Texture.class),
                                    t.choices("colours", Colour.class),
                                    t.choices("backdrops", Backdrop.class)),
                            t.choice("labels", Labels.TEXTURE_AND_SHAPE)));
        }

        @Override
        public World open() {
            return new World(this);
        }

        @Override
        public String name() {
            return "world, seed " + seed;
        }

        @Override
        public OptionalLong size() {
            return OptionalLong.of(images);
        }

        /// The world of the next seed.
        @Override
        public Optional<Source> validation() {
            return Optional.of(new Config(images, side, seed + 1, background, cast, labels));
        }
    }

    @Override
    public String name() {
        return config.name();
    }

    @Override
    public int size() {
        return config.images;
    }

    @Override
    public Set<Field> fields() {
        return EnumSet.allOf(Field.class);
    }

    @Override
    public List<String> classNames() {
        return classNames;
    }

    @Override
    public Background background() {
        return config.background;
    }

    @Override
    public String nameOf(int index) {
        return "world/" + config.seed + "/" + index;
    }

    @Override
    public Sample read(int index) {
        Scene scene = scene(index);
        Painting painting = Painter.paint(scene, config.side);
        List<Integer> labels = scene.things().stream().map(this::label).toList();
        return new Sample(
                nameOf(index),
                painting.image(),
                labels(scene),
                scene.captions(),
                boxes(labels, painting.owners()),
                Optional.of(mask(labels, painting.owners())));
    }

    @Override
    public List<Integer> labels(int index) {
        return labels(scene(index));
    }

    @Override
    public List<String> captions(int index) {
        return scene(index).captions();
    }

    /// What is in the picture of this index.
    Scene scene(int index) {
        return Scene.random(config.cast, Draws.of(config.seed, index, 0));
    }

    private static List<LabelledBox> boxes(List<Integer> labels, Owners owners) {
        var boxes = new ArrayList<LabelledBox>();
        for (int i = 0; i < labels.size(); i++) {
            int label = labels.get(i);
            owners.box(i).ifPresent(box -> boxes.add(new LabelledBox(box, label)));
        }
        return boxes;
    }

    private Mask mask(List<Integer> labels, Owners owners) {
        byte[] values = new byte[config.side * config.side];
        for (int y = 0; y < config.side; y++) {
            for (int x = 0; x < config.side; x++) {
                int owner = owners.at(x, y);
                int value = owner < 0 ? Mask.BACKGROUND : 1 + labels.get(owner);
                values[y * config.side + x] = (byte) value;
            }
        }
        return new Mask(config.side, config.side, values);
    }

    private List<Integer> labels(Scene scene) {
        return scene.bySize().stream().map(this::label).distinct().toList();
    }

    private int label(Thing thing) {
        return classNames.indexOf(config.labels.nameOf(thing.texture(), thing.shape()));
    }

    /// Its settings, and which generator draws by them. Of the usual cast and labels nothing is
    /// said: such a world has the card that it had when there were no others.
    @Override
    public Traits traits() {
        Map<String, String> parts = new TreeMap<>();
        parts.put("generator", String.valueOf(GENERATOR));
        parts.put("seed", String.valueOf(config.seed));
        parts.put("side", String.valueOf(config.side));
        parts.put("background", config.background.name().toLowerCase(Locale.ROOT));
        if (!config.cast.equals(Cast.USUAL)) {
            parts.put("cast", config.cast.toString());
        }
        if (config.labels != Labels.TEXTURE_AND_SHAPE) {
            parts.put("labels", config.labels.name().toLowerCase(Locale.ROOT));
        }
        return new Traits("world", Optional.empty(), parts);
    }

    @Override
    public void close() {}
}
