package dev.isoflop.encoder;

import dev.isoflop.encoder.TorchPickle.RefusedException;

import net.razorvine.pickle.IObjectConstructor;
import net.razorvine.pickle.PickleException;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The names that a `.pth` may use, and the values of ours that each leads to.
///
/// Four kinds. What tensors and containers are made of, dictionaries of settings among them ({@link
/// #MAPS}). Numbers of numpy's ({@link PickledNumpy}). What official checkpoints carry beside the
/// model and an encoder needs not: settings, devices, dates; read as {@link Inert} names, whatever
/// their arguments. And modules of TorchScript ({@link Script}): a map of attributes.
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

    /// Settings, paths and dates; and types, which stand for what they name.
    private static final Set<String> PYTHON =
            names(
                    """
                    argparse.Namespace types.SimpleNamespace typing.Any
                    pathlib.Path pathlib.PosixPath pathlib.WindowsPath
                    pathlib.PurePath pathlib.PurePosixPath pathlib.PureWindowsPath
                    datetime.datetime datetime.date datetime.time datetime.timedelta
                    datetime.timezone
                    builtins.slice builtins.range builtins.xrange builtins.complex
                    builtins.int builtins.long builtins.float builtins.bool
                    builtins.str builtins.unicode builtins.list builtins.tuple
                    builtins.object builtins.type builtins.Ellipsis
                    """);

    private static final Set<String> TORCH =
            names(
                    """
                    torch.device torch.Size torch.Generator torch._C.Generator
                    torch.torch_version.TorchVersion torch.serialization._get_layout
                    torch.Tensor torch._tensor.Tensor
                    torch.nn.parameter.Parameter torch.nn.parameter.Buffer
                    torch.contiguous_format torch.channels_last torch.preserve_format
                    torch.bool torch.bfloat16 torch.float16 torch.float32 torch.float64
                    torch.complex32 torch.complex64 torch.complex128
                    torch.int8 torch.int16 torch.int32 torch.int64
                    torch.uint8 torch.uint16 torch.uint32 torch.uint64
                    torch.float8_e4m3fn torch.float8_e4m3fnuz
                    torch.float8_e5m2 torch.float8_e5m2fnuz torch.float8_e8m0fnu
                    torch.qint8 torch.quint8 torch.qint32
                    """);

    /// What trainers leave of their own: MMEngine's curves, Lightning's callbacks, OmegaConf's
    /// settings.
    private static final Set<String> TRAINERS =
            names(
                    """
                    mmengine.logging.history_buffer.HistoryBuffer
                    pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint
                    pytorch_lightning.callbacks.early_stopping.EarlyStopping
                    pytorch_lightning.callbacks.lr_monitor.LearningRateMonitor
                    lightning.pytorch.callbacks.model_checkpoint.ModelCheckpoint
                    lightning.pytorch.callbacks.early_stopping.EarlyStopping
                    lightning.pytorch.callbacks.lr_monitor.LearningRateMonitor
                    omegaconf.dictconfig.DictConfig omegaconf.listconfig.ListConfig
                    omegaconf.base.ContainerMetadata omegaconf.base.Metadata
                    omegaconf.nodes.AnyNode omegaconf.nodes.StringNode
                    omegaconf.nodes.IntegerNode omegaconf.nodes.FloatNode
                    omegaconf.nodes.BooleanNode
                    """);

    /// Dictionaries by other names, which may hold a model as well as settings.
    private static final Set<String> MAPS =
            names(
                    """
                    builtins.dict collections.defaultdict
                    yacs.config.CfgNode fvcore.common.config.CfgNode
                    detectron2.config.config.CfgNode easydict.EasyDict addict.addict.Dict
                    mmcv.utils.config.ConfigDict mmengine.config.config.ConfigDict
                    vissl.utils.hydra_config.AttrDict vissl.config.attr_dict.AttrDict
                    pytorch_lightning.utilities.parsing.AttributeDict
                    lightning.pytorch.utilities.parsing.AttributeDict
                    lightning_fabric.utilities.data.AttributeDict
                    lightning.fabric.utilities.data.AttributeDict
                    """);

    private static final Set<String> STORAGES = Set.of("torch", "torch.cuda", "torch.storage");

    private TorchNames() {}

    private static Set<String> names(String text) {
        return Set.of(text.strip().split("\\s+"));
    }

    /// What a name leads to; nothing if it may not be used.
    static Optional<Object> find(String module, String name) {
        if (STORAGES.contains(module) && name.matches("[A-Za-z0-9]+Storage")) {
            return Optional.of(new TorchTensor.StorageType(name.replaceFirst("Storage$", "")));
        }
        if (module.equals("__torch__") || module.startsWith("__torch__.")) {
            return Optional.of((IObjectConstructor) _ -> new Script(new LinkedHashMap<>()));
        }
        String whole = newest(module) + "." + name;
        if (PYTHON.contains(whole)
                || TORCH.contains(whole)
                || TRAINERS.contains(whole)
                || PickledNumpy.NAMES.contains(whole)
                || module.equals("torch.jit._pickle")) {
            return Optional.of(new Inert(whole));
        }
        if (MAPS.contains(whole)) {
            return Optional.of((IObjectConstructor) _ -> new LinkedHashMap<>());
        }
        return made(whole).<Object>map(it -> it).or(() -> PickledNumpy.find(whole));
    }

    /// A module by one name, whichever release of Python or numpy wrote the file.
    private static String newest(String module) {
        return switch (module) {
            case "__builtin__" -> "builtins";
            case "pathlib._local" -> "pathlib";
            case "numpy._core.multiarray" -> "numpy.core.multiarray";
            case "numpy._core.numeric" -> "numpy.core.numeric";
            default -> module;
        };
    }

    private static Optional<IObjectConstructor> made(String whole) {
        @Nullable IObjectConstructor made =
                switch (whole) {
                    case "collections.OrderedDict" -> TorchNames::ordered;
                    case "collections.Counter" -> TorchNames::counter;
                    case "collections.deque", "builtins.set" -> TorchNames::listed;
                    case "builtins.frozenset" -> arguments -> listed(arguments).toArray();
                    case "builtins.bytes", "builtins.bytearray" -> TorchNames::bytes;
                    case "_codecs.encode" -> TorchNames::encoded;
                    case "builtins.getattr" -> TorchNames::attribute;
                    case "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor" ->
                            TorchTensor::of;
                    case "torch._utils._rebuild_tensor_v3" -> TorchNames::newer;
                    case "torch._utils._rebuild_parameter",
                            "torch._utils._rebuild_parameter_with_state" ->
                            arguments -> arguments[0];
                    case "torch._tensor._rebuild_from_type_v2" -> TorchNames::rebuilt;
                    default -> null;
                };
        return Optional.ofNullable(made);
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

    private static Map<Object, Object> counter(Object[] arguments) {
        Map<Object, Object> map = new LinkedHashMap<>();
        if (arguments.length > 0) {
            map.putAll((LinkedHashMap<?, ?>) arguments[0]);
        }
        return map;
    }

    /// A deque or a set: what it is made of, in the file's order.
    private static List<Object> listed(Object[] arguments) {
        if (arguments.length == 0) {
            return new ArrayList<>();
        }
        return switch (arguments[0]) {
            case List<?> list -> new ArrayList<>(list);
            case Object[] tuple -> new ArrayList<>(Arrays.asList(tuple));
            default -> throw new PickleException("a set or deque is not made of a list");
        };
    }

    private static byte[] bytes(Object[] arguments) {
        if (arguments.length == 0) {
            return new byte[0];
        }
        return arguments[0] instanceof byte[] whole ? whole : encoded(arguments);
    }

    /// How protocol 2 spells bytes: a text whose characters they are.
    private static byte[] encoded(Object[] arguments) {
        if (arguments.length != 2
                || !(arguments[0] instanceof String text)
                || !(arguments[1] instanceof String code)
                || !Set.of("latin1", "latin-1").contains(code)) {
            throw new PickleException("bytes are spelt in another way than by latin1");
        }
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /// A method of something that is but a name, as MMEngine's curves keep them, is a name too.
    private static Object attribute(Object[] arguments) {
        if (arguments.length == 2
                && arguments[0] instanceof Inert(String owner)
                && arguments[1] instanceof String name) {
            return new Inert(owner + "." + name);
        }
        throw new RefusedException("tries to construct builtins.getattr of something");
    }

    /// A tensor of an element type that came after torch's typed storages; isoflop reads none of
    /// them.
    private static Object newer(Object[] arguments) {
        if (arguments.length < 7 || !(arguments[6] instanceof Inert(String dtype))) {
            throw new PickleException("a tensor is described in another way than torch.save does");
        }
        return new Inert("tensor of " + dtype);
    }

    /// A tensor with attributes of its own: what makes the tensor, its class, its arguments, the
    /// attributes.
    private static Object rebuilt(Object[] arguments) {
        return ((IObjectConstructor) arguments[0]).construct((Object[]) arguments[2]);
    }
}
