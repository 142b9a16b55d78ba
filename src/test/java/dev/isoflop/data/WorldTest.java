package dev.isoflop.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.isoflop.data.world.Backdrop;
import dev.isoflop.data.world.Colour;
import dev.isoflop.data.world.Painter;
import dev.isoflop.data.world.Scene;
import dev.isoflop.data.world.Shape;
import dev.isoflop.data.world.Texture;
import dev.isoflop.data.world.Thing;
import dev.isoflop.fault.InputException;
import dev.isoflop.image.Box;
import dev.isoflop.image.Raster;
import dev.isoflop.recipe.Table;

import org.junit.jupiter.api.Test;

import java.util.HashSet;
import java.util.List;

class WorldTest {

    private static final World WORLD = new World.Config(1000, 64, 5).open();

    private static Thing redRing(float x, float y, float radius) {
        return new Thing(Shape.RING, Texture.PLAIN, Colour.RED, x, y, radius, 0, true, 1);
    }

    private static Thing stripedBlueStar(float x, float y, float radius) {
        return new Thing(Shape.STAR, Texture.STRIPED, Colour.BLUE, x, y, radius, 0, true, 1);
    }

    private static Scene scene(Thing... things) {
        return new Scene(List.of(things), Backdrop.SAND, 0.6f, 0, 3);
    }

    @Test
    void anIndexIsAlwaysTheSamePicture() {
        World again = new World.Config(1000, 64, 5).open();
        assertThat(again.read(17)).isEqualTo(WORLD.read(17));
        assertThat(again.read(17).picture()).isNotEqualTo(WORLD.read(18).picture());
    }

    @Test
    void anotherSeedIsAnotherWorld() {
        World other = new World.Config(1000, 64, 6).open();
        assertThat(other.read(17).picture()).isNotEqualTo(WORLD.read(17).picture());
    }

    @Test
    void theSameSceneIsDrawnAtAnyResolution() {
        World large = new World.Config(1000, 256, 5).open();
        double difference = 0;
        for (int index = 0; index < 20; index++) {
            Raster small = (Raster) WORLD.read(index).picture();
            Raster big = (Raster) large.read(index).picture();
            assertThat(large.read(index).captions()).isEqualTo(WORLD.read(index).captions());
            assertThat(large.read(index).labels()).isEqualTo(WORLD.read(index).labels());
            for (int y = 0; y < 64; y++) {
                for (int x = 0; x < 64; x++) {
                    int mean = 0;
                    for (int i = 0; i < 16; i++) {
                        mean += big.at(4 * x + i % 4, 4 * y + i / 4, 1);
                    }
                    difference += Math.abs(mean / 16.0 - small.at(x, y, 1)) / (20 * 64 * 64);
                }
            }
        }
        assertThat(difference).as("mean difference in levels of 255").isLessThan(6);
    }

    @Test
    void aCaptionSaysWhatIsWhere() {
        Scene pair = scene(redRing(0.2f, 0.5f, 0.12f), stripedBlueStar(0.6f, 0.5f, 0.3f));
        assertThat(pair.captions())
                .containsExactly(
                        "a large striped blue star right of a small red ring on sand",
                        "a striped blue star and a red ring on sand");
    }

    @Test
    void aBoxAndAMaskShowWhereAThingIs() {
        Painter.Painting painting = Painter.paint(scene(redRing(0.5f, 0.5f, 0.25f)), 100);
        Box box = painting.owners().box(0).orElseThrow();
        assertThat(box.x()).isCloseTo(25, within(1));
        assertThat(box.y()).isCloseTo(25, within(1));
        assertThat(box.width()).isCloseTo(50, within(2));
        assertThat(box.height()).isCloseTo(50, within(2));
        assertThat(painting.owners().at(50, 50)).as("the hole of the ring").isEqualTo(-1);
        assertThat(painting.owners().at(50, 30)).as("the ring").isEqualTo(0);
        assertThat(painting.image().at(50, 30, 0))
                .as("its red")
                .isGreaterThan(2 * painting.image().at(50, 30, 2));
    }

    @Test
    void whatIsInFrontHidesWhatIsBehind() {
        Thing behind = redRing(0.5f, 0.5f, 0.2f);
        Thing front =
                new Thing(Shape.DISC, Texture.PLAIN, Colour.BLUE, 0.5f, 0.5f, 0.3f, 0, true, 1);
        Painter.Owners owners = Painter.paint(scene(behind, front), 64).owners();
        assertThat(owners.box(0)).isEmpty();
        assertThat(owners.at(32, 32)).isEqualTo(1);
    }

    @Test
    void masksBoxesAndLabelsAgree() {
        for (int index = 0; index < 50; index++) {
            Sample sample = WORLD.read(index);
            Mask mask = sample.mask().orElseThrow();
            var classes = new HashSet<Integer>();
            for (int y = 0; y < 64; y++) {
                for (int x = 0; x < 64; x++) {
                    if (mask.at(x, y) != Mask.BACKGROUND) {
                        classes.add(mask.at(x, y) - 1);
                    }
                }
            }
            assertThat(sample.labels()).containsExactlyInAnyOrderElementsOf(classes);
            assertThat(sample.boxes()).hasSizeBetween(1, 4);
            sample.boxes().forEach(box -> assertThat(classes).contains(box.label()));
        }
    }

    @Test
    void everyClassShapeColourAndBackdropOccurs() {
        var classes = new HashSet<Integer>();
        var words = new HashSet<String>();
        for (int index = 0; index < 1000; index++) {
            Scene scene = WORLD.scene(index);
            words.add(scene.backdrop().phrase());
            scene.things().forEach(thing -> words.add(thing.colour().word()));
            classes.addAll(new World.Config(1000, 8, 5).open().read(index).labels());
        }
        assertThat(classes).hasSize(48).hasSameSizeAs(WORLD.classNames());
        assertThat(words).hasSize(Backdrop.values().length + Colour.values().length);
        assertThat(WORLD.classNames()).contains("striped triangle", "plain heart");
    }

    @Test
    void aCastDecidesWhatOccurs() {
        Table few =
                Table.parse(
                        "few",
                        """
                        things: 1
                        least-radius: 0.4
                        most-radius: 0.45
                        turn: 0
                        shapes: [star, disc]
                        textures: [striped]
                        colours: [white]
                        backdrops: [night]
                        labels: shape
                        """);
        World world = World.Config.from(few, 16).open();
        assertThat(world.classNames()).containsExactly("disc", "star");
        var seen = new HashSet<Shape>();
        for (int index = 0; index < 50; index++) {
            Scene scene = world.scene(index);
            assertThat(scene.backdrop()).isEqualTo(Backdrop.NIGHT);
            Thing thing = scene.things().getFirst();
            assertThat(scene.things()).hasSize(1);
            assertThat(thing.radius()).isBetween(0.4f, 0.45f);
            assertThat(thing.turns()).isZero();
            assertThat(thing.texture()).isEqualTo(Texture.STRIPED);
            assertThat(thing.colour()).isEqualTo(Colour.WHITE);
            assertThat(world.labels(index)).containsExactly(thing.shape() == Shape.DISC ? 0 : 1);
            seen.add(thing.shape());
        }
        assertThat(seen).containsExactlyInAnyOrder(Shape.DISC, Shape.STAR);
    }

    @Test
    void aCastThatCannotBeIsRefused() {
        assertThat(refused("things: 0")).contains("things is 0; it must lie between 1 and 16");
        assertThat(refused("least-radius: 0.4"))
                .contains("most-radius is 0.33", "least-radius, 0.4");
        assertThat(refused("turn: 2")).contains("turn is 2", "a share of a full turn");
        assertThat(refused("shapes: []")).contains("shapes", "one at least");
        assertThat(refused("shapes: [star, star]")).contains("shapes", "each once at most");
        assertThat(refused("colours: [mauve]")).contains("colours", "mauve", "purple");
        assertThat(refused("labels: colour")).contains("labels is \"colour\"", "texture");
    }

    private static String refused(String yaml) {
        return String.valueOf(
                assertThatExceptionOfType(InputException.class)
                        .isThrownBy(() -> World.Config.from(Table.parse("few", yaml), 16))
                        .actual()
                        .getMessage());
    }

    @Test
    void aWorldOfNoImagesIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new World.Config(0, 64, 1))
                .withMessage("images is 0; a world has 1 or more");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new World.Config(10, 4, 1))
                .withMessage("side is 4; a world's images have 8 to 4096 pixels a side");
    }
}
