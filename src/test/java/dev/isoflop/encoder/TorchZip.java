package dev.isoflop.encoder;

import dev.isoflop.torch.Ops;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// A file as torch.save writes it: `archive/data.pkl`, and `archive/data/KEY` for each storage.
final class TorchZip {

    private final Map<String, byte[]> storages = new LinkedHashMap<>();
    private final Map<String, byte[]> others = new LinkedHashMap<>();

    /// A storage by its bytes.
    TorchZip storage(String key, byte[] bytes) {
        storages.put(key, bytes);
        return this;
    }

    /// Another entry of the archive.
    TorchZip entry(String name, String text) {
        others.put(name, text.getBytes(StandardCharsets.US_ASCII));
        return this;
    }

    /// A view of a storage, for the pickle.
    static Object view(
            String type, String key, long elements, long offset, long[] shape, long... strides) {
        Object id =
                new Object[] {
                    "storage",
                    new PickleBytes.Name("torch", type + "Storage"),
                    key,
                    "cpu",
                    Math.toIntExact(elements)
                };
        return new PickleBytes.Call(
                "torch._utils",
                "_rebuild_tensor_v2",
                List.of(
                        new PickleBytes.Persistent(id),
                        Math.toIntExact(offset),
                        tuple(shape),
                        tuple(strides),
                        false,
                        new PickleBytes.Call("collections", "OrderedDict", List.of())));
    }

    private static Object[] tuple(long[] numbers) {
        return Arrays.stream(numbers).mapToObj(Math::toIntExact).toArray();
    }

    /// A parameter with a storage of its own, row-major.
    Object parameter(Tensor tensor) {
        Tensor dense = tensor.detach().contiguous();
        long[] shape = Ops.sizes(dense);
        long[] strides = new long[shape.length];
        long stride = 1;
        for (int i = shape.length - 1; i >= 0; i--) {
            strides[i] = stride;
            stride *= shape[i];
        }
        String key = Integer.toString(storages.size());
        long bytes = dense.numel() * dense.element_size();
        storage(
                key,
                MemorySegment.ofAddress(dense.data_ptr().address())
                        .reinterpret(bytes)
                        .toArray(ValueLayout.JAVA_BYTE));
        Object view = view(type(dense.scalar_type()), key, dense.numel(), 0, shape, strides);
        return new PickleBytes.Call(
                "torch._utils",
                "_rebuild_parameter",
                List.of(view, true, new PickleBytes.Call("collections", "OrderedDict", List.of())));
    }

    private static String type(ScalarType type) {
        return type.intern().name();
    }

    /// All tensors of a state.
    Map<String, Object> state(Map<String, Tensor> tensors) {
        Map<String, Object> state = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> state.put(name, parameter(tensor)));
        return state;
    }

    /// Writes the file.
    Path write(Path file, Object value) throws IOException {
        return write(file, PickleBytes.of(value));
    }

    /// Writes the file with a pickle of any bytes.
    Path write(Path file, byte[] pickle) throws IOException {
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            put(zip, "data.pkl", pickle);
            put(zip, "version", "3\n".getBytes(StandardCharsets.US_ASCII));
            for (Map.Entry<String, byte[]> it : others.entrySet()) {
                put(zip, it.getKey(), it.getValue());
            }
            for (Map.Entry<String, byte[]> it : storages.entrySet()) {
                put(zip, "data/" + it.getKey(), it.getValue());
            }
        }
        return file;
    }

    private static void put(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
        ZipEntry entry = new ZipEntry("archive/" + name);
        CRC32 checksum = new CRC32();
        checksum.update(bytes);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(bytes.length);
        entry.setCrc(checksum.getValue());
        zip.putNextEntry(entry);
        zip.write(bytes);
        zip.closeEntry();
    }
}
