package dev.isoflop.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.torch.LibTorch;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.OperatorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;

class OperatorRulesTest {

    /// Composites that hand back their argument when there is nothing to do.
    private static final Set<String> MAY_DO_NOTHING =
            Set.of("aten::to", "aten::contiguous", "aten::reshape", "aten::dropout");

    @BeforeAll
    static void loadLibTorch() {
        LibTorch.load();
    }

    @Test
    void everyRuleIsForAnOperatorThatLibTorchHas() {
        Set<String> known = new TreeSet<>();
        OperatorVector operators = torch.getAllOperators();
        for (long i = 0; i < operators.size(); i++) {
            String name = operators.get(i).schema().name().getString();
            if (name.startsWith("aten::")) {
                String plain = name.substring("aten::".length());
                known.add(plain);
                known.add(plain.replaceFirst("_$", ""));
            }
        }
        assertThat(known).hasSizeGreaterThan(1000);
        assertThat(known).containsAll(OperatorRules.all().keySet());
    }

    @Test
    void everyRuleSaysWhy() {
        assertThat(OperatorRules.all().values())
                .allSatisfy(it -> assertThat(it.reason()).isNotBlank());
    }

    @Test
    void anOperatorInPlaceOrOverAListCostsWhatThePlainOneDoes() {
        assertThat(OperatorRules.of("aten::add_")).isEqualTo(OperatorRules.of("aten::add"));
        assertThat(OperatorRules.of("aten::_foreach_add_")).isEqualTo(OperatorRules.of("add"));
        assertThat(OperatorRules.of("aten::_foreach_sqrt")).isEqualTo(OperatorRules.of("sqrt"));
        assertThat(OperatorRules.of("aten::lstm")).isEmpty();
    }

    @Test
    void everyOperatorThatTrainingExecutesHasARule() {
        Trace trace;
        try (PointerScope _ = new PointerScope()) {
            trace = Trace.of(Sweep::run);
        }
        Map<String, Usage> table = trace.table();

        assertThat(table).hasSizeGreaterThan(150);
        assertThat(compositesThatCallNothing(trace)).isEmpty();
        assertThat(workWithoutACost(table)).isEmpty();
        assertThat(table)
                .as("20 parameters updated; the norms of two tensors of 20")
                .hasEntrySatisfying("aten::_fused_adamw_", costs(13 * 20, 20))
                .hasEntrySatisfying("aten::_foreach_norm", costs(2 * 40, 2));
    }

    private static Consumer<Usage> costs(long elementwise, long transcendental) {
        return usage -> {
            assertThat(usage.calls()).isEqualTo(1);
            assertThat(usage.cost()).isEqualTo(new Cost(0, elementwise, transcendental, 0));
        };
    }

    private static Set<String> compositesThatCallNothing(Trace trace) {
        Set<Long> parents =
                trace.operations().stream()
                        .filter(it -> it.name().startsWith("aten::"))
                        .map(Operation::parent)
                        .collect(Collectors.toSet());
        return trace.operations().stream()
                .filter(it -> it.name().startsWith("aten::"))
                .filter(it -> OperatorRules.of(it.name()).orElse(null) instanceof Rule.Composite)
                .filter(it -> !parents.contains(it.id()))
                .map(Operation::name)
                .filter(it -> !MAY_DO_NOTHING.contains(it))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static List<String> workWithoutACost(Map<String, Usage> table) {
        return table.entrySet().stream()
                .filter(it -> it.getValue().cost().equals(Cost.NOTHING))
                .map(Map.Entry::getKey)
                .filter(it -> OperatorRules.of(it).orElseThrow().coversItsChildren())
                .toList();
    }
}
