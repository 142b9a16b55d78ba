package dev.isoflop.encoder;

import dev.isoflop.fault.Check;
import dev.isoflop.torch.SafetensorsHeader.Dtype;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// A view of a storage, as torch describes a tensor.
///
/// @param storage where its elements are
/// @param offset of the first one, in elements
/// @param shape the length of each dimension
/// @param strides elements from one to the next along each dimension
record TorchTensor(Storage storage, long offset, List<Long> shape, List<Long> strides) {

    private static final long MOST_ELEMENTS = 1L << 48; // far beyond any disk, and no overflow
    private static final long MOST_EXPANDED = 1L << 26; // whose storage has fewer elements

    /// What a storage's elements are, by torch's name: `Float`, `Half`.
    record StorageType(String name) {}

    /// Elements one after the other, shared by the tensors that view them.
    ///
    /// @param type of its elements
    /// @param key names the entry of the archive that holds them
    /// @param elements how many
    record Storage(StorageType type, String key, long elements) {

        /// From torch's tuple: `('storage', type, key, location, elements)`.
        static Storage of(Object[] id) {
            Check.that(
                    id.length == 5
                            && "storage".equals(id[0])
                            && id[1] instanceof StorageType
                            && id[4] instanceof Number,
                    "a storage is described in another way than torch.save does");
            return new Storage((StorageType) id[1], String.valueOf(id[2]), number(id[4]));
        }

        Storage {
            Check.that(
                    elements >= 0 && elements <= MOST_ELEMENTS,
                    "a storage has %s elements",
                    elements);
        }

        /// The element type, if isoflop reads it.
        Optional<Dtype> dtype() {
            return switch (type.name()) {
                case "Double" -> Optional.of(Dtype.F64);
                case "Float" -> Optional.of(Dtype.F32);
                case "Half" -> Optional.of(Dtype.F16);
                case "BFloat16" -> Optional.of(Dtype.BF16);
                case "Long" -> Optional.of(Dtype.I64);
                case "Int" -> Optional.of(Dtype.I32);
                case "Byte" -> Optional.of(Dtype.U8);
                case "Bool" -> Optional.of(Dtype.BOOL);
                default -> Optional.empty();
            };
        }
    }

    /// From the arguments of torch's `_rebuild_tensor_v2`: storage, offset, shape, strides, and
    /// what does not concern the values.
    static TorchTensor of(Object[] arguments) {
        Check.that(
                arguments.length >= 4 && arguments[0] instanceof Storage,
                "a tensor is described in another way than torch.save does");
        return new TorchTensor(
                (Storage) arguments[0],
                number(arguments[1]),
                numbers(arguments[2]),
                numbers(arguments[3]));
    }

    TorchTensor {
        shape = List.copyOf(shape);
        strides = List.copyOf(strides);
        Check.that(
                shape.size() == strides.size()
                        && offset >= 0
                        && shape.stream().allMatch(n -> n >= 0)
                        && strides.stream().allMatch(n -> n >= 0),
                "a tensor has the shape %s, strides %s and offset %s",
                shape,
                strides,
                offset);
        boolean empty = shape.contains(0L);
        Check.that(
                empty || Math.addExact(offset, span(shape, strides)) <= storage.elements(),
                "a tensor of shape %s, strides %s and offset %s does not lie in its storage of %s"
                        + " elements",
                shape,
                strides,
                offset,
                storage.elements());
        Check.that(
                empty || elements(shape) <= Math.max(storage.elements(), MOST_EXPANDED),
                "a tensor of shape %s and strides %s makes very much of %s elements",
                shape,
                strides,
                storage.elements());
    }

    private static long elements(List<Long> shape) {
        return shape.stream().reduce(1L, Math::multiplyExact);
    }

    private static long number(Object value) {
        return ((Number) value).longValue();
    }

    private static List<Long> numbers(Object tuple) {
        return Arrays.stream((Object[]) tuple).map(TorchTensor::number).toList();
    }

    /// Elements of the storage from its first to its last, those between that it skips included.
    long span() {
        return span(shape, strides);
    }

    private static long span(List<Long> shape, List<Long> strides) {
        long last = 0;
        for (int i = 0; i < shape.size(); i++) {
            long along = Math.multiplyExact(shape.get(i) - 1, strides.get(i));
            last = Math.addExact(last, along);
        }
        return last + 1;
    }

    /// Whether its elements stand row-major without gaps.
    boolean isDense() {
        long expected = 1;
        for (int i = shape.size() - 1; i >= 0; i--) {
            if (shape.get(i) != 1 && strides.get(i) != expected) {
                return false;
            }
            expected *= shape.get(i);
        }
        return true;
    }

    /// Puts strided elements one after the other.
    ///
    /// @param storage from this tensor's first element on, {@link #span} elements
    /// @param bytes of an element
    /// @param dense row-major
    void gather(MemorySegment storage, int bytes, MemorySegment dense) {
        long[] at = new long[shape.size()];
        long from = 0;
        for (long to = 0; to < dense.byteSize(); to += bytes) {
            MemorySegment.copy(storage, from * bytes, dense, to, bytes);
            for (int i = at.length - 1; i >= 0; i--) {
                from += strides.get(i);
                if (++at[i] < shape.get(i)) {
                    break;
                }
                from -= at[i] * strides.get(i);
                at[i] = 0;
            }
        }
    }
}
