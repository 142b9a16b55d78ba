package dev.isoflop.trace;

import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/// A trace holds operators that have no counting rule: a defect of ours, never a silent zero.
public final class UnknownOperatorException extends IllegalStateException {

    private static final long serialVersionUID = 1L;

    private final transient List<String> operators;

    /// @param operators the names, such as `aten::lstm`
    public UnknownOperatorException(Collection<String> operators) {
        super(
                "no counting rule for "
                        + String.join(", ", new TreeSet<>(operators))
                        + "; add one in "
                        + OperatorRules.class.getName());
        this.operators = List.copyOf(new TreeSet<>(operators));
    }

    public List<String> operators() {
        return operators;
    }
}
