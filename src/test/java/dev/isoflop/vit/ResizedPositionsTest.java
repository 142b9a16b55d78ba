package dev.isoflop.vit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.isoflop.golden.Golden;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.torch.Ops;
import dev.isoflop.torch.Parameters;

import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.Arrays;
import java.util.Objects;

/// An encoder for images of another grid, square or not: each rule of {@link Resizing} against a
/// sum over sixteen neighbours written out here.
class ResizedPositionsTest {

    private static final int PATCH = 8;
    private static final VitShape SMALL = new VitShape(32, 2, 2, PATCH, 32);
    private static final int G = SMALL.grid();

    @BeforeAll
    static void load() {
        LibTorch.load();
        torch.manual_seed(5);
    }

    private static Vit vit(VitShape shape, Positions kind, Resizing resizing) {
        Vit vit = new Vit(shape, kind, Vit.Pool.CLASS_TOKEN, VitStyle.TIMM, resizing);
        vit.to(ScalarType.Double, false);
        try (NoGradGuard _ = new NoGradGuard()) {
            if (kind == Positions.SINE_COSINE) { // as it was before it was rounded
                double[] exact = SinCos.table(shape.width(), shape.grid());
                table(vit).copy_(Ops.tensor(exact, Ops.sizes(table(vit))));
            } else {
                table(vit).copy_(torch.randn(Ops.sizes(table(vit))));
            }
        }
        return vit;
    }

    private static Tensor table(Vit vit) {
        return Objects.requireNonNull(Parameters.named(vit).get("pos_embed"));
    }

    private static double[] row(Tensor positions, long row) {
        return Golden.doubles(positions.select(1, row));
    }

    @Test
    void theFixedTableOf14IsInterpolatedTo32AsInMaesAndMmsegmentationsCode() {
        VitShape base = new VitShape(768, 1, 12, 16, 224);
        Vit vit = vit(base, Positions.SINE_COSINE, Resizing.BY_SIZE);
        double[] at = row(vit.patchPositions(32, 32, vit.resizing()), 17 * 32 + 5);
        double[] first = {
            .9534958731458165, .9776916402705292, .993350415449104, 1.0014869884090045
        };
        assertThat(Arrays.copyOf(at, 4)).containsExactly(first, within(1e-12));
        assertThat(Arrays.copyOfRange(at, 192, 194))
                .containsExactly(
                        new double[] {-.3125941814545687, -.22584777958006177}, within(1e-12));
        double norm = Math.sqrt(Arrays.stream(at).map(x -> x * x).sum());
        assertThat(norm).isCloseTo(19.606147666139297, within(1e-12));
    }

    @ParameterizedTest
    @EnumSource(
            value = Resizing.class,
            names = {"BY_SIZE", "DINO_SCALE"})
    void aRectanglesPositionsAreASumOverSixteenNeighbours(Resizing rule) {
        for (Positions kind : Positions.values()) {
            Vit vit = vit(SMALL, kind, rule);
            double[] own = Golden.doubles(table(vit));
            for (int[] grid : new int[][] {{8, 5}, {3, 9}, {4, 7}, {2, 8}, {1, 16}}) {
                Tensor found = vit.patchPositions(grid[0], grid[1], rule);
                double more = rule == Resizing.DINO_SCALE ? 0.1 : 0;
                assertThat(Golden.doubles(found))
                        .as("%s, %s x %s", kind, grid[0], grid[1])
                        .containsExactly(interpolated(own, grid[0], grid[1], more), within(1e-12));
            }
        }
    }

    /// Bicubic with a = -0.75, neighbours beyond the border being those at it.
    private static double[] interpolated(double[] table, int rows, int columns, double more) {
        int d = SMALL.width();
        double[] all = new double[rows * columns * d];
        for (int r = 0; r < rows; r++) {
            double y = (r + 0.5) * G / (rows + more) - 0.5;
            for (int c = 0; c < columns; c++) {
                double x = (c + 0.5) * G / (columns + more) - 0.5;
                for (int i = -1; i <= 2; i++) {
                    int ny = (int) Math.floor(y) + i;
                    for (int j = -1; j <= 2; j++) {
                        int nx = (int) Math.floor(x) + j;
                        int from = 1 + Math.clamp(ny, 0, G - 1) * G + Math.clamp(nx, 0, G - 1);
                        double weight = cubic(y - ny) * cubic(x - nx);
                        for (int k = 0; k < d; k++) {
                            all[(r * columns + c) * d + k] += weight * table[from * d + k];
                        }
                    }
                }
            }
        }
        return all;
    }

    private static double cubic(double signed) {
        double a = -0.75;
        double t = Math.abs(signed);
        return t <= 1
                ? ((a + 2) * t - (a + 3)) * t * t + 1
                : t < 2 ? ((a * t - 5 * a) * t + 8 * a) * t - 4 * a : 0;
    }

    @Test
    void fixedPositionsCanBeComputedForTheNewGridInstead() {
        Vit vit = vit(SMALL, Positions.SINE_COSINE, Resizing.COMPUTED);
        double[] rectangle = Golden.doubles(vit.patchPositions(3, 6, vit.resizing()));
        double[] larger = SinCos.table(SMALL.width(), 6); // whose first three rows they are
        double[] wanted = Arrays.copyOfRange(larger, SMALL.width(), 19 * SMALL.width());
        assertThat(rectangle).containsExactly(wanted, within(1e-7)); // stored in 32 bits
    }

    @Test
    void learnedPositionsCannotBeComputedAndAreInterpolatedBySize() {
        Vit vit = vit(SMALL, Positions.LEARNED, Resizing.COMPUTED);
        Tensor bySize = vit.patchPositions(3, 6, Resizing.BY_SIZE);
        assertThat(vit.patchPositions(3, 6, Resizing.COMPUTED).equal(bySize)).isTrue();
    }

    /// Case `vit_dino_style` has the other rule beside its own.
    @Test
    void learnedPositionsBySizeAreThoseOfTheReference() {
        var golden = Golden.of("vit_dino_style");
        Vit vit = LearnedPositionsGoldenTest.filled(golden);
        Tensor token = table(vit).narrow(1, 0, 1);
        for (var expected : golden.get("cases")) {
            int rows = expected.get("size").get(0).asInt() / vit.shape().patch();
            int columns = expected.get("size").get(1).asInt() / vit.shape().patch();
            Tensor patches = vit.patchPositions(rows, columns, Resizing.BY_SIZE);
            Golden.assertMatches(
                    "positions by size",
                    Ops.concatenated(1, token, patches),
                    expected.get("diagnostic_not_official_size_driven_pos"));
        }
    }

    @ParameterizedTest
    @EnumSource(Positions.class)
    void anImageThatIsNotSquareIsReadRowByRow(Positions kind) {
        Vit vit = vit(SMALL, kind, Resizing.DINO_SCALE);
        Tensor image = torch.randn(2, 3, 64, 40).to(ScalarType.Double);
        Tensor tokens = vit.tokens(vit.embed(image));
        assertThat(Ops.sizes(tokens)).containsExactly(2, 41, 32);
        Tensor rectangle = vit.patchPositions(8, 5, Resizing.DINO_SCALE);
        Tensor square = vit.patchPositions(G, G, Resizing.DINO_SCALE);
        Tensor content = vit.embed(image).sub(rectangle);
        Tensor alone = torch.zeros(2, 3, 32, 32).to(ScalarType.Double);
        for (int r = 0; r < 8; r++) {
            for (int c = 0; c < 5; c++) {
                Tensor patch = image.narrow(2, 8L * r, 8).narrow(3, 8L * c, 8);
                alone.narrow(2, 0, 8).narrow(3, 0, 8).copy_(patch);
                Tensor wanted = vit.embed(alone).sub(square).select(1, 0);
                Tensor found = content.select(1, 5L * r + c);
                assertThat(found.sub(wanted).abs().max().item_double()).isLessThan(1e-12);
            }
        }
    }

    @Test
    void anImageOfAsManyPatchesInAnotherShapeIsResizedToo() {
        Vit vit = vit(SMALL, Positions.LEARNED, Resizing.DINO_SCALE); // 4 x 4, as many as 2 x 8
        Tensor own = vit.patchPositions(G, G, vit.resizing());
        assertThat(vit.patchPositions(2, 8, vit.resizing()).equal(own)).isFalse();
    }

    @Test
    void anImageThatEndsWithinAPatchIsRefused() {
        Vit vit = new Vit(SMALL);
        assertThatThrownBy(() -> vit.embed(torch.zeros(1, 3, 32, 36)))
                .hasMessageContaining("32 x 36")
                .hasMessageContaining("multiples of the patch, 8");
    }

    @ParameterizedTest
    @EnumSource(Resizing.class)
    void aResizedEncoderIsTheSameForImagesOfItsOwnSizeAndKeepsItsRule(Resizing rule) {
        for (Positions kind : Positions.values()) {
            Vit vit = new Vit(SMALL, kind, Vit.Pool.CLASS_TOKEN);
            Vit same = vit.at(32, rule);
            Tensor images = torch.rand(2, 3, 32, 32);
            assertThat(same.forward(images).equal(vit.forward(images))).isTrue();
            assertThat(same.resizing()).isEqualTo(rule);
            Tensor larger = table(vit.at(64, rule)).narrow(1, 1, 64);
            assertThat(larger.equal(vit.patchPositions(8, 8, rule))).isTrue();
        }
    }

    @Test
    void fixedPositionsThatAreSaidToBeLearnedBeginAsTheyWereAndAreTrained() {
        Vit fixed = new Vit(SMALL);
        Vit trained = fixed.at(64, Resizing.BY_SIZE, Positions.LEARNED);
        assertThat(table(fixed).requires_grad()).isFalse();
        assertThat(table(trained).requires_grad()).isTrue();
        assertThat(trained.kind()).isEqualTo(Positions.LEARNED);
        assertThat(table(trained).equal(table(fixed.at(64, Resizing.BY_SIZE)))).isTrue();
        trained.forward(torch.rand(1, 3, 64, 64)).mul(torch.randn(1, 32)).sum().backward();
        assertThat(table(trained).grad().norm(new Scalar(2)).item_double()).isPositive();
    }

    @Test
    void patchesOfARectangleAreItsOwnAndGoBackToIt() {
        Tensor image = torch.randn(2, 3, 16, 40);
        Tensor patches = Patches.of(image, 8); // [2, 10, 192]
        assertThat(Ops.sizes(patches)).containsExactly(2, 10, 192);
        Tensor seventh = image.narrow(2, 8, 8).narrow(3, 16, 8).permute(0, 2, 3, 1).flatten(1, 3);
        assertThat(patches.select(1, 7).equal(seventh)).isTrue(); // second row, third column
        assertThat(Patches.images(patches, 8, 2).equal(image)).isTrue();
    }
}
