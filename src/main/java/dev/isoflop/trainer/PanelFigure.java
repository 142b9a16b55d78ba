package dev.isoflop.trainer;

import dev.isoflop.budget.Precision;
import dev.isoflop.data.Dataset;
import dev.isoflop.data.loader.Chunk;
import dev.isoflop.data.loader.Loader;
import dev.isoflop.image.ImageGrid;
import dev.isoflop.image.View;
import dev.isoflop.report.Figure;
import dev.isoflop.torch.Engine;
import dev.isoflop.train.Learner;
import dev.isoflop.train.LoaderBatches;
import dev.isoflop.train.Panel;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

import java.util.List;
import java.util.Optional;

/// What a learner shows of itself, such as what a masked autoencoder paints.
///
/// @param learner whose panel it is; one without a panel has no figure
/// @param precision of its images
public record PanelFigure(Learner<?> learner, Precision precision) implements Figures {

    private static final int IMAGES = 8;

    @Override
    public List<Figure> draw(Dataset data, Device device) {
        int side = learner.encoder().shape().image();
        Loader.Settings settings = new Loader.Settings(IMAGES, IMAGES, 0, 1, 1, 1);
        try (PointerScope _ = new PointerScope();
                NoGradGuard _ = new NoGradGuard();
                Loader loader = new Loader(data, List.of(View.central(side)), settings, 0, IMAGES);
                Chunk chunk = loader.take()) {
            Tensor images =
                    LoaderBatches.pixels(chunk, 0, side)
                            .to(device, Engine.parameterType(precision)); // [B, 3, S, S]
            Optional<Panel> panel = learner.panel(images);
            return panel.map(p -> List.of(figure(p, data))).orElse(List.of());
        }
    }

    private static Figure figure(Panel panel, Dataset data) {
        String caption = panel.caption() + " Images of " + data.name() + ", central crop.";
        byte[] grid = ImageGrid.png(panel.rows().stream().map(ImageGrid::rasters).toList());
        return new Figure(panel.title(), caption, grid);
    }
}
