package dev.isoflop.data.coco;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.isoflop.golden.Golden;

import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;

import java.util.List;

/// Cases `rle_encode`, `rle_ops`, `poly_to_rle` and the first of `coco_segm`: pycocotools' strings
/// and polygons, to the pixel.
class RleGoldenTest {

    private static int[] ints(JsonNode node) {
        int[] values = new int[node.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = node.get(i).asInt();
        }
        return values;
    }

    private static void assertSame(String what, Rle actual, JsonNode expected) {
        assertThat(actual.counts()).as(what).isEqualTo(expected.get("counts").asString());
        assertThat(actual.area()).as(what).isEqualTo(expected.get("area").asLong());
        if (expected.has("plain_counts")) {
            assertThat(actual.runs()).as(what).isEqualTo(ints(expected.get("plain_counts")));
        }
    }

    @Test
    void stringsAreReadAndWritten() {
        for (JsonNode c : Golden.of("rle_encode")) {
            int height = c.get("size").get(0).asInt();
            int width = c.get("size").get(1).asInt();
            String name = c.get("name").asString();
            assertSame(name, Rle.parse(width, height, c.get("counts").asString()), c);
            assertSame(name, Rle.of(width, height, ints(c.get("plain_counts"))), c);
        }
    }

    @Test
    void theDiscIsWhereItsRuleSays() {
        Rle.of(1, 1, new int[] {1});
        boolean[] disc = new boolean[20 * 30];
        for (int x = 0; x < 30; x++) {
            for (int y = 0; y < 20; y++) {
                disc[x * 20 + y] = (x - 14) * (x - 14) + (y - 9) * (y - 9) <= 50;
            }
        }
        byte[] painted = new byte[600];
        Rle.of(30, 20, disc).paint(painted, (byte) 7);
        for (int i = 0; i < painted.length; i++) {
            assertThat(painted[i]).isEqualTo((byte) (disc[i % 30 * 20 + i / 30] ? 7 : 0));
        }
        for (JsonNode c : Golden.of("rle_encode")) {
            if (c.get("name").asString().startsWith("disc 20x30: (x-14)^2+(y-9)^2<=50")) {
                assertSame("disc", Rle.of(30, 20, disc), c);
            }
        }
    }

    private interface Rule {
        boolean holds(int x, int y);
    }

    private static Rle where(Rule rule) {
        boolean[] inside = new boolean[30 * 40];
        for (int x = 0; x < 40; x++) {
            for (int y = 0; y < 30; y++) {
                inside[x * 30 + y] = rule.holds(x, y);
            }
        }
        return Rle.of(40, 30, inside);
    }

    @Test
    void aUnionIsWhatAnyRegionHolds() {
        JsonNode c = Golden.of("rle_ops");
        assertThat(c.get("A").asString()).isEqualTo("30x40 (x-15)^2+(y-12)^2<=81");
        assertThat(c.get("B").asString()).isEqualTo("10<=x<27, 5<=y<20");
        assertThat(c.get("C").asString()).isEqualTo("(x+2y)%5==0");
        List<Rle> all =
                List.of(
                        where((x, y) -> (x - 15) * (x - 15) + (y - 12) * (y - 12) <= 81),
                        where((x, y) -> 10 <= x && x < 27 && 5 <= y && y < 20),
                        where((x, y) -> (x + 2 * y) % 5 == 0));
        assertThat(all).extracting(region -> (int) region.area()).containsExactly(253, 255, 240);
        assertThat(Rle.union(all).counts()).isEqualTo(c.get("union_ABC").get("counts").asString());
    }

    @Test
    void polygonsAreFilledToThePixel() {
        JsonNode c = Golden.of("poly_to_rle");
        int width = c.get("w").asInt();
        int height = c.get("h").asInt();
        List<Rle> filled =
                c.get("polygons")
                        .valueStream()
                        .map(p -> Rle.polygon(width, height, Golden.array(p.get("polygon"))))
                        .toList();
        for (int i = 0; i < filled.size(); i++) {
            JsonNode expected = c.get("polygons").get(i);
            assertSame(expected.get("name").asString(), filled.get(i), expected);
        }
        assertSame(
                "first and fifth",
                Rle.union(List.of(filled.get(0), filled.get(4))),
                c.get("merged_first_and_fifth"));
        for (JsonNode box : c.get("boxes")) {
            double[] b = Golden.array(box.get("bbox"));
            double right = b[0] + b[2];
            double bottom = b[1] + b[3];
            double[] corners = {b[0], b[1], b[0], bottom, right, bottom, right, b[1]};
            assertSame("box", Rle.polygon(width, height, corners), box);
        }
    }

    @Test
    void runsThatDoNotFillThePictureAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Rle.of(4, 3, new int[] {3, 8}))
                .withMessage("its runs cover 11 pixels of 4 x 3");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Rle.parse(4, 3, "5P"))
                .withMessage("its counts are no run lengths: \"5P\"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Rle.parse(4, 3, "12\u00e4"))
                .withMessageStartingWith("its counts are no run lengths");
    }
}
