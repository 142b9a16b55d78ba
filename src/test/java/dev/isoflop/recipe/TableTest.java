package dev.isoflop.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.isoflop.fault.InputException;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

final class TableTest {

    private static final String RECIPE =
            """
            # a small run
            name: no
            seed: 7
            budget: 2e13 FLOP
            precision: bf16
            method:
              kind: mae
              mask-ratio: 0.75
              norm-pixels: true
              betas: [0.9, 0.95]
            data:
              folder: ../images
              classes: [cat, "07"]
            """;

    private enum Precision {
        F32,
        BF16,
        MIXED_F16
    }

    private record Config(double maskRatio, int depth) {
        private Config {
            if (maskRatio <= 0 || maskRatio >= 1) {
                throw new IllegalArgumentException(
                        "maskRatio is " + maskRatio + "; it must lie between 0 and 1");
            }
            if (depth * maskRatio > 8) {
                throw new IllegalArgumentException("so deep a decoder cannot be masked so much");
            }
        }

        static Config from(Table t) {
            return t.build(() -> new Config(t.real("mask-ratio", 0.75), t.count("depth", 8)));
        }
    }

    @Test
    void aValueHasTheTypeItIsAskedFor() {
        Table t = recipe(RECIPE);
        assertThat(t.text("name")).isEqualTo("no");
        assertThat(t.text("seed")).isEqualTo("7");
        assertThat(t.whole("seed")).isEqualTo(7);
        assertThat(t.count("seed")).isEqualTo(7);
        assertThat(t.real("seed")).isEqualTo(7.0);
        assertThat(t.choice("precision", Precision.class)).isEqualTo(Precision.BF16);
        assertThat(t.choice("precision", List.of("f32", "bf16"))).isEqualTo("bf16");
        assertThat(t.table("method").flag("norm-pixels")).isTrue();
        assertThat(t.table("method").reals("betas")).containsExactly(0.9, 0.95);
        assertThat(t.table("data").path("folder")).isEqualTo(Path.of("../images"));
        assertThat(t.table("data").texts("classes")).containsExactly("cat", "07");
        assertThat(t.<Integer>parsed("budget", String::length)).isEqualTo(9);
        assertThat(t.keys())
                .containsExactly("name", "seed", "budget", "precision", "method", "data");
        t.table("method").text("kind");
        t.table("method").real("mask-ratio");
        t.done();
    }

    @Test
    void aMissingKeyTakesItsFallback() {
        Table t = recipe("seed: 1\n");
        assertThat(t.text("name", "unnamed")).isEqualTo("unnamed");
        assertThat(t.whole("images", 12L)).isEqualTo(12);
        assertThat(t.count("depth", 3)).isEqualTo(3);
        assertThat(t.real("rate", 1.5e-4)).isEqualTo(1.5e-4);
        assertThat(t.flag("flip", true)).isTrue();
        assertThat(t.reals("betas", List.of(0.9))).containsExactly(0.9);
        assertThat(t.texts("classes", List.of())).isEmpty();
        assertThat(t.path("folder", Path.of("here"))).isEqualTo(Path.of("here"));
        assertThat(t.choice("precision", Precision.F32)).isEqualTo(Precision.F32);
        assertThat(t.choice("kind", List.of("mae", "dino"), "mae")).isEqualTo("mae");
        assertThat(t.optionalTable("method")).isEmpty();
        assertThat(t.keys().contains("method")).isFalse();
        assertThat(t.has("seed")).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"12,12", "6_000_000,6000000", "1e6,1000000", "-3,-3", "1.5e1,15", "007,7"})
    void aWholeNumberMayBeWrittenInSeveralWays(String written, long meant) {
        assertThat(recipe("n: " + written).whole("n")).isEqualTo(meant);
    }

    @ParameterizedTest
    @ValueSource(strings = {"12.5", "0x10", "1e", "9223372036854775808", "1__0", "often", ".inf"})
    void whatIsNoWholeNumberIsRefused(String written) {
        assertThatThrownBy(() -> recipe("n: " + written).whole("n"))
                .isInstanceOf(InputException.class)
                .hasMessageMatching("r\\.yaml:1:4  n is .*; write a whole number, such as 12")
                .hasMessageContaining(written);
    }

    @ParameterizedTest
    @CsvSource({"1e-4,1e-4", "1.5e-4,1.5e-4", "2,2", "1e15,1e15", ".5,0.5", "5.,5", "-0.1,-0.1"})
    void aRealNumberIsReadAsWritten(String written, double meant) {
        assertThat(recipe("x: " + written).real("x")).isEqualTo(meant);
    }

    @Test
    void aWrongTypeSaysWhereWhatWasFoundAndWhatWouldDo() {
        refused(
                () -> recipe("method:\n  mask-ratio: often").table("method").real("mask-ratio"),
                "r.yaml:2:15  method.mask-ratio is \"often\"; write a number, such as 0.75");
        refused(
                () -> recipe("x: .nan").real("x"),
                "r.yaml:1:4  x is \".nan\"; write a number, such as 0.75");
        refused(
                () -> recipe("x: 1e400").real("x"),
                "r.yaml:1:4  x is 1e400; write a number, such as 0.75");
        refused(
                () -> recipe("x: '0.75'").real("x"),
                "r.yaml:1:4  x is \"0.75\"; remove the quotes");
        refused(
                () -> recipe("x: -1").count("x"),
                "r.yaml:1:4  x is -1; write a whole number from 0 to 2147483647, such as 12");
        refused(
                () -> recipe("flip: yes").flag("flip"),
                "r.yaml:1:7  flip is \"yes\"; write true or false");
        refused(
                () -> recipe("betas: [0.9, often]").reals("betas"),
                "r.yaml:1:8  betas is [0.9, \"often\"]; write a list of numbers, such as [0.9,"
                        + " 0.95]");
        refused(
                () -> recipe("betas: 0.9").reals("betas"),
                "r.yaml:1:8  betas is 0.9; write a list of numbers, such as [0.9, 0.95]");
        refused(
                () -> recipe("name: [a, b]").text("name"),
                "r.yaml:1:7  name is [\"a\", \"b\"]; write a text");
        refused(
                () -> recipe("name:\n  first: a").text("name"),
                "r.yaml:2:3  name is a table; write a text");
        refused(
                () -> recipe("method: mae").table("method"),
                "r.yaml:1:9  method is \"mae\"; write its keys below it, indented");
        refused(
                () -> recipe("seed:\nname: a").whole("seed"),
                "r.yaml:1:6  seed is empty; write a whole number, such as 12");
    }

    @Test
    void anUnknownChoiceIsToldTheNearestAndAll() {
        refused(
                () -> recipe("precision: bf61").choice("precision", Precision.class),
                "r.yaml:1:12  precision is \"bf61\"; write one of f32, bf16, mixed-f16");
        refused(
                () -> recipe("precision: mixed_f16").choice("precision", Precision.F32),
                "r.yaml:1:12  precision is \"mixed_f16\"; did you mean mixed-f16? write one of f32,"
                        + " bf16, mixed-f16");
        refused(
                () -> recipe("kind: maee").choice("kind", List.of("mae")),
                "r.yaml:1:7  kind is \"maee\"; did you mean mae? write mae");
    }

    @Test
    void aTextThatAnotherTypeCannotReadKeepsThatTypesAdvice() {
        refused(
                () ->
                        recipe("budget: 2e13 FLIP")
                                .parsed(
                                        "budget",
                                        _ -> {
                                            throw new IllegalArgumentException(
                                                    "write an amount and its unit");
                                        }),
                "r.yaml:1:9  budget is \"2e13 FLIP\"; write an amount and its unit");
    }

    @Test
    void aMissingKeyIsNamedAtItsTable() {
        refused(
                () -> recipe("seed: 1\nmethod:\n  kind: mae").table("method").text("encoder"),
                "r.yaml:2:1  method.encoder is missing; write a text");
        refused(
                () -> recipe("seed: 1").table("method"),
                "r.yaml:1:1  method is missing; write method: and its keys below it, indented");
    }

    @Test
    void aMissingKeyThatIsOnlyMisspeltIsPointedAt() {
        refused(
                () -> recipe("method:\n  mask-ration: 0.5").table("method").real("mask-ratio"),
                "r.yaml:2:3  method.mask-ratio is missing; did you mean it by mask-ration?");
    }

    @Test
    void aKeyNobodyAskedForIsAnErrorWithTheNearestKnownOne() {
        Table t = recipe("seed: 1\nmethod:\n  mask-ration: 0.5\n  kind: mae\n");
        t.whole("seed");
        t.table("method").real("mask-ratio", 0.75);
        t.table("method").text("kind");
        refused(
                t::done,
                "r.yaml:3:3  method.mask-ration is not known here; did you mean mask-ratio?");
    }

    @Test
    void aKeyLikeNoOtherIsToldWhichAreKnown() {
        Table t = recipe("seed: 1\nzebra: 2\n");
        t.whole("seed");
        t.text("name", "");
        refused(t::done, "r.yaml:2:1  zebra is not known here; known are seed, name");
        refused(recipe("zebra: 2")::done, "r.yaml:1:1  zebra is not known here; remove it");
    }

    @Test
    void aTableNobodyOpenedIsAnError() {
        refused(
                recipe("method:\n  kind: mae")::done,
                "r.yaml:1:1  method is not known here; remove it");
    }

    @Test
    void aKeyThatWasSeenButNotReadIsAnError() {
        Table t = recipe("epochs: 3\n");
        assertThat(t.has("epochs")).isTrue();
        refused(t::done, "r.yaml:1:1  epochs has no effect here; remove it");
    }

    @Test
    void aConfigsComplaintGetsFileLineAndKey() {
        refused(
                () -> Config.from(recipe("method:\n  mask-ratio: 75").table("method")),
                "r.yaml:2:15  method.mask-ratio is 75.0; it must lie between 0 and 1");
        refused(
                () -> Config.from(recipe("mask-ratio: 75")),
                "r.yaml:1:13  mask-ratio is 75.0; it must lie between 0 and 1");
    }

    @Test
    void aComplaintAboutNoOneKeyIsTheTables() {
        refused(
                () -> Config.from(recipe("seed: 1\nmethod:\n  depth: 80").table("method")),
                "r.yaml:2:1  method: so deep a decoder cannot be masked so much");
    }

    @Test
    void aComplaintAboutAFallbackIsPlacedAtTheTable() {
        Table t = recipe("seed: 1\nmethod:\n  depth: 8").table("method");
        refused(
                () -> t.build(() -> new Config(t.real("mask-ratio", 7), t.count("depth"))),
                "r.yaml:2:1  method.mask-ratio is 7.0; it must lie between 0 and 1");
    }

    @Test
    void aCallersOwnFaultIsPlaced() {
        assertThat(recipe("seed: 1\nepochs: 2").fault("epochs", "stands beside steps; keep one"))
                .hasMessage("r.yaml:2:9  epochs stands beside steps; keep one");
    }

    @Test
    void setReplacesAddsAndMakesTables() {
        Table t =
                recipe("method:\n  mask-ratio: 0.75\nempty:\n")
                        .with("method.mask-ratio", "0.5")
                        .with("method.betas", "[0.9, 0.99]")
                        .with("data.folder", "x y")
                        .with("empty.full", "true")
                        .with("note", "");
        assertThat(t.table("method").real("mask-ratio")).isEqualTo(0.5);
        assertThat(t.table("method").reals("betas")).containsExactly(0.9, 0.99);
        assertThat(t.table("data").text("folder")).isEqualTo("x y");
        assertThat(t.table("empty").flag("full")).isTrue();
        refused(() -> t.text("note"), "--set note=  note is empty; write a text");
    }

    @Test
    void faultsOfWhatWasSetNameTheSet() {
        Table t = recipe("method:\n  kind: mae\n");
        refused(
                () -> t.with("method.ratio", "often").table("method").real("ratio"),
                "--set method.ratio=often  method.ratio is \"often\"; write a number, such as"
                        + " 0.75");
        Table misspelt = t.with("metod.ratio", "1");
        misspelt.table("method").text("kind");
        refused(
                misspelt::done,
                "--set metod.ratio=1  metod is not known here; did you mean method?");
        refused(
                () -> t.with("method.kind.depth", "1"),
                "--set method.kind.depth=1  method.kind is \"mae\", not a table; nothing can be set"
                        + " below it");
        refused(() -> t.with("a..b", "1"), "--set a..b=1  names no key; write --set key=value");
        refused(() -> t.with("", "1"), "--set =1  names no key; write --set key=value");
        assertThatThrownBy(() -> t.with("betas", "[1, 2"))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("--set betas=[1, 2  is not YAML: ");
    }

    @Test
    void theEffectiveRecipeReadsBackToTheSame() {
        Table t =
                recipe(RECIPE)
                        .with("method.mask-ratio", "0.5")
                        .with(
                                "a.b.c",
                                "[[1, 2], {x: '- y: #z'}, \"\\t\\u2028é\", '-', '', ---, []]")
                        .with("odd key: 1", "{}")
                        .with("text", "|\n  two\n  lines\n")
                        .with("minus", "-0.5");
        String yaml = t.yaml();
        assertThat(yaml)
                .startsWith(
                        """
                        name: no
                        seed: 7
                        budget: 2e13 FLOP
                        precision: bf16
                        method:
                          kind: mae
                          mask-ratio: 0.5
                          norm-pixels: true
                          betas:
                            - 0.9
                            - 0.95
                        """)
                .contains("- \"07\"", "minus: -0.5");
        Table back = recipe(yaml);
        assertThat(back.yaml()).isEqualTo(yaml);
        assertThat(back.text("text")).isEqualTo("two\nlines\n");
        assertThat(back.table("odd key: 1").keys()).isEmpty();
        refused(
                () -> back.table("a").table("b").text("c"),
                "r.yaml:20:7  a.b.c is [[1, 2], a table, \"\\t\\U00002028é\", \"-\", \"\", \"---\","
                        + " []]; write a text");
        assertThat(recipe("{}").yaml()).isEqualTo("{}\n");
    }

    @Test
    void whatIsNotYamlIsPlaced() {
        refused(
                () -> recipe("a: 1\na: 2\n"),
                "r.yaml:2:1  a is here twice; the first is at r.yaml:1:1");
        refused(
                () -> recipe("method:\n\tkind: mae\n"),
                "r.yaml:2:1  there is a tab; indent with spaces");
        refused(() -> recipe("a: &x 1"), "r.yaml:1:4  &x is an anchor; leave it out");
        refused(() -> recipe("a: *x"), "r.yaml:1:4  *x is an alias; write the value out");
        refused(
                () -> recipe("a: !!int 1"),
                "r.yaml:1:4  has the tag tag:yaml.org,2002:int; leave it out");
        refused(() -> recipe("? [a]\n: 1"), "r.yaml:1:3  is no key; write a word, such as seed: 1");
        refused(
                () -> recipe("a: 1\n---\nb: 2"),
                "r.yaml:2:1  a second document begins; a recipe is one document");
        refused(
                () -> recipe("a: " + "[".repeat(2000) + "]".repeat(2000)),
                "r.yaml:1:36  is nested more than 32 levels deep");
        refused(
                () -> recipe("a: 1\nb: \u0007x"),
                "r.yaml:2:4  there is the unprintable character U+0007; remove it");
        assertThatThrownBy(() -> recipe("a: [1,\nb: 2\n"))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("r.yaml:3:1  is not YAML: ")
                .hasMessageContaining("begun in line 1");
    }

    @Test
    void whatIsNoTableIsRefused() {
        refused(() -> recipe(""), "r.yaml is empty; write keys and values, such as seed: 1");
        refused(
                () -> recipe("# nothing\n"),
                "r.yaml is empty; write keys and values, such as seed: 1");
        refused(
                () -> recipe("- 1\n- 2\n"),
                "r.yaml:1:1  the recipe is [1, 2]; write keys and values, such as seed: 1");
        refused(
                () -> recipe("mae"),
                "r.yaml:1:1  the recipe is \"mae\"; write keys and values, such as seed: 1");
    }

    @Test
    void itSaysWhichKeysItWasAskedForWhetherTheyAreThereOrNot() {
        Table recipe = Table.parse("recipe.yaml", "method: {name: mae}\nseed: 1\n");
        Table method = recipe.table("method");
        assertThat(method.text("name")).isEqualTo("mae");
        assertThat(method.real("mask-ratio", 0.75)).isEqualTo(0.75);
        assertThat(recipe.has("budget")).isFalse();
        assertThat(recipe.asked())
                .containsExactly("budget", "method", "method.mask-ratio", "method.name");
    }

    @Test
    void aFileThatIsNoRecipeIsNamed(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("mae.yaml"), "\uFEFFseed: 1\r\nname: é\r\n");
        assertThat(Table.read(file).text("name")).isEqualTo("é");

        Path absent = folder.resolve("mea.yaml");
        refused(() -> Table.read(absent), absent + " does not exist; did you mean " + file + "?");
        Path lost = folder.resolve("none").resolve("a.yaml");
        refused(
                () -> Table.read(lost),
                lost + " does not exist, nor does the folder " + lost.getParent());
        refused(() -> Table.read(folder), folder + " is a folder; name a recipe, a .yaml file");

        Path latin = folder.resolve("latin.yaml");
        Files.write(latin, "seed: 1\nname: é\n".getBytes(StandardCharsets.ISO_8859_1));
        refused(
                () -> Table.read(latin),
                latin + ":2:7  the byte 0xE9 is not UTF-8; save the file as UTF-8");

        Path tar = folder.resolve("data.tar");
        Files.write(tar, new byte[(1 << 20) + 1]);
        refused(
                () -> Table.read(tar),
                tar + " has more than 1 MiB, too much for a recipe; is it another file?");
    }

    private static Table recipe(String yaml) {
        return Table.parse("r.yaml", yaml);
    }

    private static void refused(ThrowingCallable what, String message) {
        assertThatThrownBy(what).isInstanceOf(InputException.class).hasMessage(message);
    }

    @Test
    void aCharacterOfTwoUnitsIsReadWhereverItStands() {
        for (int before = 1015; before < 1030; before++) {
            String yaml = "# " + "x".repeat(before) + "\ud83d\ude00\nname: a\n";
            assertThat(Table.parse("a.yaml", yaml).text("name")).isEqualTo("a");
        }
    }

    @Test
    void whatIsLongIsShownByItsBeginning() {
        Table table = Table.parse("a.yaml", "batch: " + "9".repeat(5000) + "\n");
        assertThatThrownBy(() -> table.count("batch"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("is " + "9".repeat(60) + "...; ");
        assertThatThrownBy(() -> Table.parse("a.yaml", "? " + "k".repeat(5000) + "\n: 1\n"))
                .isInstanceOf(InputException.class)
                .hasMessage("a.yaml:1:3  is a key of 5,000 letters; is this another file?");
    }
}
