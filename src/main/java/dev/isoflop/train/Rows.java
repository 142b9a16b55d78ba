package dev.isoflop.train;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// Tensors of one row an image, gathered cut by cut.
final class Rows {

    private final List<TensorVector> cuts = new ArrayList<>();

    /// Gathers the tensors of a cut; whatever else is made on the way to them is freed. A vector
    /// holds on to the elements of its tensors, and lives as long as the step.
    void add(Supplier<List<Tensor>> cut) {
        PointerScope step = PointerScope.getInnerScope();
        try (PointerScope _ = new PointerScope()) {
            List<Tensor> made = cut.get();
            for (int i = 0; i < made.size(); i++) {
                if (cuts.size() <= i) {
                    TensorVector rows = new TensorVector();
                    step.attach(rows);
                    cuts.add(rows);
                }
                cuts.get(i).push_back(made.get(i).detach().clone());
            }
        }
    }

    /// The tensors of all cuts, each with the rows of the first cut first.
    List<Tensor> all() {
        return cuts.stream().map(rows -> torch.cat(rows, 0)).toList();
    }
}
