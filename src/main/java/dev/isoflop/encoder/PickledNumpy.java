package dev.isoflop.encoder;

import dev.isoflop.encoder.TorchPickle.RefusedException;

import net.razorvine.pickle.IObjectConstructor;
import net.razorvine.pickle.PickleException;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// What numpy left in a pickle: settings, histories and states of random generators beside a model.
///
/// Their numbers are checked against what they say of themselves and then forgotten, for no encoder
/// is made of them. Arrays of Python's objects are refused: what those hold is anybody's.
sealed interface PickledNumpy {

    /// What it is, for people: `numpy float64 [3]`.
    String what();

    /// Takes the state that a pickle sets on it.
    ///
    /// @throws PickleException if it is not one of numpy's
    void complete(Object[] state);

    /// An element type.
    final class Dtype implements PickledNumpy {

        private static final String BAD = "an element type of numpy is described in another way";

        private final char kind;
        private long bytes;
        private boolean objects;

        private Dtype(char kind, long bytes) {
            this.kind = kind;
            this.bytes = bytes;
            objects = kind == 'O';
        }

        /// From the arguments of `numpy.dtype`: a code such as `f8`, and how to take it.
        static Dtype of(Object[] arguments) {
            if (arguments.length == 0
                    || !(arguments[0] instanceof String code)
                    || !code.matches("[biufcSUVMmO]\\d{1,9}")) {
                throw new PickleException(BAD + ": " + Arrays.toString(arguments));
            }
            long count = Long.parseLong(code.substring(1));
            char kind = code.charAt(0);
            return new Dtype(kind, kind == 'U' ? 4 * count : count);
        }

        /// `(version, order, subarray, names, fields, bytes, alignment, flags)`.
        @Override
        public void complete(Object[] state) {
            if (state.length < 7 || !(state[5] instanceof Number size)) {
                throw new PickleException(BAD);
            }
            if (size.longValue() >= 0) {
                bytes = size.longValue();
            }
            if (state[2] instanceof Object[] subarray
                    && subarray.length > 0
                    && subarray[0] instanceof Dtype element) {
                objects |= element.objects;
            }
            if (state[4] instanceof Map<?, ?> fields) {
                for (Object field : fields.values()) {
                    if (!(field instanceof Object[] parts)
                            || parts.length == 0
                            || !(parts[0] instanceof Dtype type)) {
                        throw new PickleException(BAD);
                    }
                    objects |= type.objects;
                }
            }
        }

        private String name() {
            long bits = 8 * bytes;
            return switch (kind) {
                case 'b' -> "bool";
                case 'i' -> "int" + bits;
                case 'u' -> "uint" + bits;
                case 'f' -> "float" + bits;
                case 'c' -> "complex" + bits;
                case 'S' -> "bytes";
                case 'U' -> "text";
                case 'M' -> "datetime64";
                case 'm' -> "timedelta64";
                default -> "records";
            };
        }

        /// That so many elements take as many bytes as there are.
        private void require(long elements, @Nullable Object data) {
            if (objects) {
                throw new RefusedException(
                        "holds a numpy array of Python objects, which could be anything");
            }
            long found =
                    switch (data) {
                        case byte[] binary -> binary.length;
                        case String latin -> latin.length(); // as Python 2 writes bytes
                        case null, default ->
                                throw new PickleException(
                                        "the elements of a numpy array are no bytes");
                    };
            if (found != Math.multiplyExact(elements, bytes)) {
                throw new PickleException(
                        "numpy has %d bytes for %d elements of %s, %d bytes each"
                                .formatted(found, elements, name(), bytes));
            }
        }

        @Override
        public String what() {
            return "numpy dtype " + (objects ? "of objects" : name());
        }
    }

    /// An array; empty until its state is set.
    final class Array implements PickledNumpy {

        private static final String BAD = "a numpy array is described in another way";

        private String what = "numpy array";

        /// From the arguments of `_reconstruct`, which say nothing yet.
        static Array empty() {
            return new Array();
        }

        /// From those of `_frombuffer`: bytes, element type, shape, order.
        static Array of(Object[] arguments) {
            if (arguments.length < 3) {
                throw new PickleException(BAD);
            }
            Array array = new Array();
            array.fill(arguments[2], arguments[1], arguments[0]);
            return array;
        }

        /// `(version, shape, dtype, whether columns come first, bytes)`, in old files without the
        /// first.
        @Override
        public void complete(Object[] state) {
            if (state.length < 4) {
                throw new PickleException(BAD);
            }
            int n = state.length;
            fill(state[n - 4], state[n - 3], state[n - 1]);
        }

        private void fill(Object shape, Object dtype, @Nullable Object data) {
            if (!(shape instanceof Object[] lengths) || !(dtype instanceof Dtype type)) {
                throw new PickleException(BAD);
            }
            long elements = 1;
            for (Object length : lengths) {
                if (!(length instanceof Number n) || n.longValue() < 0) {
                    throw new PickleException(BAD);
                }
                elements = Math.multiplyExact(elements, n.longValue());
            }
            type.require(elements, data);
            what =
                    Arrays.stream(lengths)
                            .map(String::valueOf)
                            .collect(Collectors.joining(", ", "numpy " + type.name() + " [", "]"));
        }

        @Override
        public String what() {
            return what;
        }
    }

    /// A single number, text or date.
    ///
    /// @param what it is, for people
    record Scalar(String what) implements PickledNumpy {

        /// From the arguments of `scalar`: element type, bytes.
        static Scalar of(Object[] arguments) {
            if (arguments.length != 2 || !(arguments[0] instanceof Dtype type)) {
                throw new PickleException("a number of numpy is described in another way");
            }
            type.require(1, arguments[1]);
            return new Scalar("numpy " + type.name());
        }

        @Override
        public void complete(Object[] state) {
            throw new PickleException("a number of numpy has no state");
        }
    }

    /// What a name of numpy's leads to, if it makes one of these.
    ///
    /// @param name with its module, `numpy.core` also for what newer releases call `numpy._core`
    static Optional<Object> find(String name) {
        @Nullable IObjectConstructor made =
                switch (name) {
                    case "numpy.dtype" -> Dtype::of;
                    case "numpy.core.multiarray._reconstruct" -> _ -> Array.empty();
                    case "numpy.core.numeric._frombuffer" -> Array::of;
                    case "numpy.core.multiarray.scalar" -> Scalar::of;
                    default -> null;
                };
        return Optional.ofNullable(made);
    }

    /// Names that stand for themselves: element types, and generators with their states.
    Set<String> NAMES =
            Set.of(
                    """
                    numpy.ndarray numpy.bool numpy.bool_ numpy.str_ numpy.bytes_
                    numpy.int8 numpy.int16 numpy.int32 numpy.int64
                    numpy.uint8 numpy.uint16 numpy.uint32 numpy.uint64
                    numpy.float16 numpy.float32 numpy.float64 numpy.complex64 numpy.complex128
                    numpy.random._pickle.__randomstate_ctor
                    numpy.random._pickle.__generator_ctor
                    numpy.random._pickle.__bit_generator_ctor
                    numpy.random.bit_generator.SeedSequence
                    numpy.random.bit_generator.__pyx_unpickle_SeedSequence
                    numpy.random._mt19937.MT19937
                    numpy.random._pcg64.PCG64 numpy.random._pcg64.PCG64DXSM
                    numpy.random._philox.Philox numpy.random._sfc64.SFC64
                    """
                            .split("\\s+"));
}
