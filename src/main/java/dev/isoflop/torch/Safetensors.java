package dev.isoflop.torch;

import dev.isoflop.fault.InputException;
import dev.isoflop.fault.Nearest;
import dev.isoflop.files.Reason;
import dev.isoflop.torch.SafetensorsHeader.Dtype;
import dev.isoflop.torch.SafetensorsHeader.Entry;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Tensors in a file that every other framework reads, [safetensors](
/// https://huggingface.co/docs/safetensors).
///
/// The same tensors give the same bytes: they stand in the order given. Files may be larger than
/// memory's half: tensors are written from, and read into, their own memory.
public final class Safetensors {

    /// How much is hashed and written at a time, small enough to stay in the cache in between.
    private static final int CHUNK_BYTES = 1 << 20;

    private Safetensors() {}

    /// Writes a file and waits until the disk has it; an existing file is replaced.
    ///
    /// @param tensors by name; those on another device or not contiguous are copied, one at a time
    /// @return the SHA-256 of the file, in hexadecimal
    /// @throws IOException if it cannot be written whole; what was written remains
    /// @throws IllegalArgumentException for an element type that is not in {@link Dtype}
    public static String write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata)
            throws IOException {
        LibTorch.load();
        try (FileChannel channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.TRUNCATE_EXISTING)) {
            MessageDigest digest = sha256();
            put(channel, digest, header(tensors, metadata));
            for (Tensor tensor : tensors.values()) {
                try (PointerScope _ = new PointerScope()) {
                    Tensor dense = tensor.detach().cpu().contiguous();
                    put(channel, digest, memory(dense));
                }
            }
            channel.force(true);
            return HexFormat.of().formatHex(digest.digest());
        }
    }

    /// All tensors of a file, in new memory of the CPU, in the file's order.
    ///
    /// @throws InputException saying what is wrong with the file, and with which tensor
    public static Map<String, Tensor> read(Path file) {
        LibTorch.load();
        return mapped(
                file,
                (header, data) -> {
                    Map<String, Tensor> tensors = new LinkedHashMap<>();
                    header.tensors()
                            .forEach((name, entry) -> tensors.put(name, tensor(entry, data)));
                    return tensors;
                });
    }

    /// Copies a file's tensors into existing ones, in place, on whichever device they are.
    ///
    /// Nothing is copied unless everything fits: the same names, shapes and element types.
    ///
    /// @return the file's metadata
    /// @throws InputException naming each tensor that is missing, not expected, or of another shape
    ///   or type
    public static Map<String, String> readInto(Path file, Map<String, Tensor> targets) {
        LibTorch.load();
        return mapped(
                file,
                (header, data) -> {
                    checkMatch(header, targets);
                    header.tensors()
                            .forEach((name, entry) -> {
                                try (PointerScope _ = new PointerScope()) {
                                    Tensor target = targets.get(name);
                                    fill(Objects.requireNonNull(target), entry, data);
                                }
                            });
                    return header.metadata();
                });
    }

    /// The same for a file that may hold other tensors besides.
    ///
    /// @return the file's metadata
    /// @throws InputException naming each tensor that is missing, or of another shape or type
    public static Map<String, String> readSome(Path file, Map<String, Tensor> targets) {
        LibTorch.load();
        return mapped(
                file,
                (header, data) -> {
                    checkPresent(header, targets);
                    targets.forEach((name, target) -> {
                        try (PointerScope _ = new PointerScope()) {
                            Entry entry = header.tensors().get(name);
                            fill(target, Objects.requireNonNull(entry), data);
                        }
                    });
                    return header.metadata();
                });
    }

    private static void checkPresent(SafetensorsHeader header, Map<String, Tensor> targets) {
        requireNothingWrong(header, differences(header, targets));
    }

    private static void checkMatch(SafetensorsHeader header, Map<String, Tensor> targets) {
        StringBuilder wrong = differences(header, targets);
        for (String name : header.tensors().keySet()) {
            if (!targets.containsKey(name)) {
                wrong.append("\n  ").append(name).append(" is not expected");
            }
        }
        requireNothingWrong(header, wrong);
    }

    private static void requireNothingWrong(SafetensorsHeader header, StringBuilder wrong) {
        if (!wrong.isEmpty()) {
            throw new InputException(header.file() + " does not fit this network:" + wrong);
        }
    }

    /// Which targets a file lacks or has in another shape or type.
    private static StringBuilder differences(
            SafetensorsHeader header, Map<String, Tensor> targets) {
        StringBuilder wrong = new StringBuilder();
        targets.forEach((name, target) -> {
            Entry entry = header.tensors().get(name);
            if (entry == null) {
                wrong.append("\n  ").append(name).append(" is missing");
                Nearest.to(name, header.tensors().keySet())
                        .filter(near -> !targets.containsKey(near))
                        .ifPresent(near -> wrong.append("; there is ").append(near));
            } else {
                String found = entry.dtype() + "" + entry.shape();
                String expected = dtype(name, target) + "" + shape(target);
                if (!found.equals(expected)) {
                    wrong.append("\n  %s is %s, not %s".formatted(name, found, expected));
                }
            }
        });
        return wrong;
    }

    private interface Reading<T> {
        T of(SafetensorsHeader header, MemorySegment data);
    }

    private static <T> T mapped(Path file, Reading<T> reading) {
        try (FileChannel channel = FileChannel.open(file);
                Arena arena = Arena.ofConfined()) {
            SafetensorsHeader header = SafetensorsHeader.read(file, channel);
            long length = channel.size() - header.dataStart();
            MemorySegment data =
                    channel.map(FileChannel.MapMode.READ_ONLY, header.dataStart(), length, arena);
            return reading.of(header, data);
        } catch (NoSuchFileException e) {
            throw new InputException(file + " does not exist", e);
        } catch (IOException e) {
            throw new InputException(file + " cannot be read: " + Reason.of(e), e);
        }
    }

    private static void fill(Tensor target, Entry entry, MemorySegment data) {
        if (target.is_cpu() && target.is_contiguous()) {
            memory(target).copyFrom(data.asSlice(entry.begin(), entry.bytes()));
        } else {
            target.detach().copy_(tensor(entry, data));
        }
    }

    private static Tensor tensor(Entry entry, MemorySegment data) {
        TensorOptions options =
                new TensorOptions().dtype(new ScalarTypeOptional(scalarType(entry.dtype())));
        long[] shape = entry.shape().stream().mapToLong(Long::longValue).toArray();
        Tensor tensor = torch.empty(shape, options, null);
        memory(tensor).copyFrom(data.asSlice(entry.begin(), entry.bytes()));
        return tensor;
    }

    /// The elements of a contiguous tensor of the CPU.
    private static MemorySegment memory(Tensor tensor) {
        long bytes = Math.multiplyExact(tensor.numel(), tensor.element_size());
        if (bytes == 0) {
            return MemorySegment.NULL;
        }
        return MemorySegment.ofAddress(tensor.data_ptr().address()).reinterpret(bytes);
    }

    private static byte[] header(Map<String, Tensor> tensors, Map<String, String> metadata) {
        Map<String, SafetensorsLayout.Form> forms = new LinkedHashMap<>();
        tensors.forEach((name, tensor) ->
                forms.put(name, new SafetensorsLayout.Form(dtype(name, tensor), shape(tensor))));
        return SafetensorsLayout.of(forms, metadata).header();
    }

    private static void put(FileChannel channel, MessageDigest digest, byte[] bytes)
            throws IOException {
        put(channel, digest, MemorySegment.ofArray(bytes));
    }

    private static void put(FileChannel channel, MessageDigest digest, MemorySegment bytes)
            throws IOException {
        for (long from = 0; from < bytes.byteSize(); from += CHUNK_BYTES) {
            long count = Math.min(CHUNK_BYTES, bytes.byteSize() - from);
            ByteBuffer chunk = bytes.asSlice(from, count).asByteBuffer();
            digest.update(chunk.duplicate());
            while (chunk.hasRemaining()) {
                channel.write(chunk);
            }
        }
    }

    private static List<Long> shape(Tensor tensor) {
        return Arrays.stream(tensor.sizes().vec().get()).boxed().toList();
    }

    private static Dtype dtype(String name, Tensor tensor) {
        ScalarType type = tensor.scalar_type().intern();
        return Arrays.stream(Dtype.values())
                .filter(it -> scalarType(it) == type)
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "tensor "
                                        + name
                                        + " has elements of type "
                                        + type
                                        + ", which isoflop does not write"));
    }

    private static ScalarType scalarType(Dtype dtype) {
        return switch (dtype) {
            case F64 -> ScalarType.Double;
            case F32 -> ScalarType.Float;
            case BF16 -> ScalarType.BFloat16;
            case F16 -> ScalarType.Half;
            case I64 -> ScalarType.Long;
            case I32 -> ScalarType.Int;
            case U8 -> ScalarType.Byte;
            case BOOL -> ScalarType.Bool;
        };
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }
}
