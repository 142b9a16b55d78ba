package dev.isoflop.encoder;

import net.razorvine.pickle.IObjectConstructor;
import net.razorvine.pickle.PickleException;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The names that a `.pth` may use, and the values of ours that each leads to.
///
/// Three kinds. What tensors and containers are made of. What official checkpoints carry beside the
/// model and a state needs not: settings, numpy's numbers, devices; read as {@link Inert} names,
/// whatever their arguments. And modules of TorchScript ({@link Script}): a map of attributes.
final class TorchNames {

    /// Something by its name only: its arguments and its state were dropped.
    ///
    /// @param name with its module, such as `argparse.Namespace`
    record Inert(String name) implements IObjectConstructor {

        @Override
        public Object construct(Object[] arguments) {
            return this;
        }
    }

    /// A module of a TorchScript archive, its attributes by name; none of its code is read.
    record Script(Map<String, @Nullable Object> attributes) {}

    private static final Set<String> INERT =
            Set.of(
                    "argparse.Namespace", // the settings of MAE's and DINO's runs
                    "numpy.core.multiarray.scalar", // rates out of a schedule, in DINO's optimiser
                    "numpy._core.multiarray.scalar",
                    "numpy.dtype",
                    "_codecs.encode", // how numpy's numbers are spelt
                    "collections.defaultdict",
                    "collections.Counter",
                    "pathlib.Path",
                    "pathlib.PosixPath",
                    "pathlib.WindowsPath",
                    "builtins.set",
                    "__builtin__.set",
                    "torch.device",
                    "torch.Size",
                    "torch.float16",
                    "torch.bfloat16",
                    "torch.float32",
                    "torch.float64",
                    "torch.uint8",
                    "torch.int32",
                    "torch.int64",
                    "torch.bool");

    private static final Set<String> STORAGES = Set.of("torch", "torch.cuda", "torch.storage");

    private TorchNames() {}

    /// What a name leads to; nothing if it may not be used.
    static Optional<Object> find(String module, String name) {
        String whole = module + "." + name;
        if (STORAGES.contains(module) && name.matches("[A-Za-z0-9]+Storage")) {
            return Optional.of(new TorchTensor.StorageType(name.replaceFirst("Storage$", "")));
        }
        if (module.equals("__torch__") || module.startsWith("__torch__.")) {
            return Optional.of((IObjectConstructor) _ -> new Script(new LinkedHashMap<>()));
        }
        if (INERT.contains(whole) || module.equals("torch.jit._pickle")) {
            return Optional.of(new Inert(whole));
        }
        return switch (whole) {
            case "collections.OrderedDict" -> Optional.of((IObjectConstructor) TorchNames::ordered);
            case "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor" ->
                    Optional.of((IObjectConstructor) TorchTensor::of);
            case "torch._utils._rebuild_parameter" ->
                    Optional.of((IObjectConstructor) arguments -> arguments[0]);
            default -> Optional.empty();
        };
    }

    /// An `OrderedDict`, empty or of a list of pairs.
    private static Map<Object, Object> ordered(Object[] arguments) {
        Map<Object, Object> map = new LinkedHashMap<>();
        if (arguments.length > 0) {
            for (Object pair : (List<?>) arguments[0]) {
                switch (pair) {
                    case Object[] two when two.length == 2 && two[0] instanceof String key ->
                            map.put(key, two[1]);
                    case List<?> two when two.size() == 2 && two.getFirst() instanceof String key ->
                            map.put(key, two.getLast());
                    default -> throw new PickleException("an OrderedDict is not made of pairs");
                }
            }
        }
        return map;
    }
}
