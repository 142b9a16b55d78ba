package dev.isoflop.task;

import dev.isoflop.budget.Work;
import dev.isoflop.data.Dataset;
import dev.isoflop.data.Field;
import dev.isoflop.image.View;
import dev.isoflop.recipe.Table;
import dev.isoflop.train.Learner;
import dev.isoflop.train.Optimisation;
import dev.isoflop.vit.Vit;
import dev.isoflop.vit.VitShape;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// A downstream task: what an encoder is fine-tuned on, and evaluated by.
///
/// @param <B> what its batches are made of
public sealed interface Task<B> extends Learner<B> permits Segmentation {

    /// Says what it is worth on data that it did not learn from.
    ///
    /// @param on whose data have what the task {@link Config#needs}
    Evaluation evaluation(Evaluation.Data on);

    /// The settings of a task, which price it without building it: the `task` of a recipe, and its
    /// `evaluation`.
    ///
    /// A new task is named here: in `permits`, twice, in {@link #RECIPES} and in {@link #from}.
    sealed interface Config permits Segmentation.Config {

        /// The recipe that is shipped for each task, by the task's name.
        Map<String, String> RECIPES = Map.of("segmentation", "recipes/ade20k/segmentation.yaml");

        /// The names of the tasks, in the order in which they are listed.
        List<String> NAMES = RECIPES.keySet().stream().sorted().toList();

        /// Reads the `task` and the `evaluation` of a recipe.
        ///
        /// @param encoder that is fine-tuned, for images of the run's size
        static Config from(Table recipe, VitShape encoder) {
            Table task = recipe.table("task");
            Optional<Table> evaluation = recipe.optionalTable("evaluation");
            return switch (task.choice("name", NAMES).toLowerCase(Locale.ROOT)) {
                case "segmentation" -> Segmentation.Config.from(task, evaluation, encoder);
                default -> throw task.fault("name", "has no settings");
            };
        }

        /// The task with these settings.
        ///
        /// @param encoder for images of the size at hand
        Task<?> build(Vit encoder);

        /// The name in recipes and on the command line.
        String name();

        /// What data must have to be learned from.
        Field needs();

        /// The names of what is told apart in data, by number.
        ///
        /// @throws dev.isoflop.fault.InputException if the data do not have what the task needs
        List<String> classNames(Dataset data);

        /// Classes that it learns; 0 stands for those of the dataset.
        int classes();

        /// The same with so many classes.
        Config withClasses(int k);

        /// The price of training on one image of the encoder's size: convention `matmul`.
        Work perImage(VitShape encoder);

        /// Parameters of everything that is trained, fixed positions included.
        long parameters(VitShape encoder);

        /// What becomes of the encoder.
        Transfer transfer();

        /// How it is trained, unless a recipe says otherwise.
        ///
        /// @param method that pre-trained the encoder, or none for one that was never trained
        default Optimisation optimisation(Optional<String> method) {
            return Tuning.of(method);
        }

        /// How an image is shown, unless a recipe says otherwise.
        ///
        /// @param image side in pixels
        View view(int image);

        /// How it is evaluated, in a sentence: figures of different protocols do not compare.
        String evaluatedBy();
    }
}
