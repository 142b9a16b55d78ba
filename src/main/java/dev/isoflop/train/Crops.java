package dev.isoflop.train;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

import java.util.List;
import java.util.stream.Stream;

/// Two views of most of each image and any number of views of small parts: what DINO learns from.
///
/// @param globals `[B, 3, S, S]` each, normalised
/// @param locals `[B, 3, s, s]` each, normalised; there may be none
public record Crops(List<Tensor> globals, List<Tensor> locals) {

    private static final int GLOBALS = 2; // of which each tells the other's target

    public Crops {
        globals = List.copyOf(globals);
        locals = List.copyOf(locals);
    }

    /// All views of a batch, the two global ones first.
    public static Crops of(List<Tensor> views) {
        return new Crops(views.subList(0, GLOBALS), views.subList(GLOBALS, views.size()));
    }

    /// The views of a resolution as one batch, the first view of every image first.
    ///
    /// @return `[2 B, 3, S, S]` and, if there are L local views, `[L B, 3, s, s]`
    public List<Tensor> byResolution() {
        return Stream.of(globals, locals)
                .filter(views -> !views.isEmpty())
                .map(views -> torch.cat(new TensorVector(views.toArray(Tensor[]::new)), 0))
                .toList();
    }
}
