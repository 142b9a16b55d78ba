package dev.isoflop.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.List;

class TextTableTest {

    @Test
    void wordsBeginAtTheLeftAndNumbersEndAtTheRight() {
        List<List<String>> rows = List.of(List.of("run", "steps"), List.of("mae-demo", "40"));
        assertThat(TextTable.aligned(rows, column -> column == 0))
                .containsExactly("run       steps", "mae-demo     40");
    }

    @Test
    void nothingStandsBehindTheLastWord() {
        List<List<String>> rows = List.of(List.of("a", "long"), List.of("b", ""));
        assertThat(TextTable.aligned(rows, _ -> true)).containsExactly("a  long", "b");
    }

    @Test
    void noRowsAreNoLines() {
        assertThat(TextTable.aligned(List.of(), _ -> true)).isEmpty();
    }
}
