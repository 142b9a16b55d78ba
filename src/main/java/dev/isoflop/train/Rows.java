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

    /// Gathers the tensors of a cut; whatever else is made on the way to them is freed.
    void add(Supplier<List<Tensor>> cut) {
        List<Tensor> kept = new ArrayList<>();
        try (PointerScope inner = new PointerScope()) {
            for (Tensor tensor : cut.get()) {
                Tensor detached = tensor.detach().clone();
                inner.detach(detached);
                kept.add(detached);
            }
        }
        PointerScope outer = PointerScope.getInnerScope();
        for (int i = 0; i < kept.size(); i++) {
            if (outer != null) {
                outer.attach(kept.get(i));
            }
            if (cuts.size() <= i) {
                cuts.add(new TensorVector());
            }
            cuts.get(i).push_back(kept.get(i));
        }
    }

    /// The tensors of all cuts, each with the rows of the first cut first.
    List<Tensor> all() {
        return cuts.stream().map(rows -> torch.cat(rows, 0)).toList();
    }
}
