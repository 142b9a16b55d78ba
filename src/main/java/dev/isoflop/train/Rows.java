package dev.isoflop.train;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// Tensors of one row an image, gathered micro-batch by micro-batch.
final class Rows {

    private final List<TensorVector> gathered = new ArrayList<>();

    /// Gathers the tensors of a micro-batch; whatever else is made on the way to them is freed. A
    /// vector holds on to the elements of its tensors, and lives as long as the step.
    void add(Supplier<List<Tensor>> microBatch) {
        PointerScope step = PointerScope.getInnerScope();
        try (PointerScope _ = new PointerScope()) {
            List<Tensor> made = microBatch.get();
            for (int i = 0; i < made.size(); i++) {
                if (gathered.size() <= i) {
                    TensorVector rows = new TensorVector();
                    step.attach(rows);
                    gathered.add(rows);
                }
                gathered.get(i).push_back(made.get(i).detach().clone());
            }
        }
    }

    /// The tensors of all micro-batches, each with the rows of the first one first.
    List<Tensor> all() {
        return gathered.stream().map(rows -> torch.cat(rows, 0)).toList();
    }
}
