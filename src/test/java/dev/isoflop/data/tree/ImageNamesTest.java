package dev.isoflop.data.tree;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.List;

/// What is said of names that a list holds.
class ImageNamesTest {

    @Test
    void aNameThatIsNoneIsShownByItsBeginning() {
        String endless = "../".repeat(20_000) + "a.jpg";
        assertThat(ImageNames.some(List.of("photos/a.jpg", endless)))
                .startsWith("photos/a.jpg, ../../")
                .endsWith("...")
                .hasSizeLessThan(400);
    }
}
