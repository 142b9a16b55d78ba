package dev.isoflop.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.isoflop.fault.InputException;
import dev.isoflop.recipe.Table;

import org.junit.jupiter.api.Test;

import java.util.stream.Stream;

class OptimiserTest {

    private static final Optimiser.Settings USUAL = new AdamW.Settings(0.9, 0.95, 1e-8, 0.05);

    private static Optimiser.Settings read(String optimiser) {
        return Optimiser.Settings.from(Table.parse("recipe.yaml", optimiser), USUAL);
    }

    @Test
    void everyNameIsThatOfAnOptimiserOfItsOwn() {
        Stream<Class<?>> read =
                Optimiser.Settings.NAMES.stream().map(name -> read("kind: " + name).getClass());
        assertThat(read)
                .containsExactlyInAnyOrder(Optimiser.Settings.class.getPermittedSubclasses());
        for (String name : Optimiser.Settings.NAMES) {
            assertThat(read("kind: " + name).name()).isEqualTo(name);
        }
    }

    @Test
    void aNameThatIsNoneIsRefusedWithTheNearest() {
        for (String name : new String[] {"adam", "adamW2"}) {
            assertThatThrownBy(() -> read("kind: " + name))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("kind is \"" + name + "\"; did you mean adamw?");
        }
        assertThatThrownBy(() -> read("kind: sgd"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("kind is \"sgd\"; write one of adamw, lars");
    }

    @Test
    void whatIsLeftOutIsAsBeforeForTheSameOptimiser() {
        assertThat(read("beta1: 0.8")).isEqualTo(new AdamW.Settings(0.8, 0.95, 1e-8, 0.05));
        assertThat(read("kind: lars")).isEqualTo(new Lars.Settings(0.9, 0.001, 1.5e-6, false));
    }
}
