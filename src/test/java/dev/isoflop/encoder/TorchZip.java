package dev.isoflop.encoder;

import dev.isoflop.torch.Ops;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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
public final class TorchZip {

    private final Map<String, byte[]> storages = new LinkedHashMap<>();
    private final Map<String, byte[]> others = new LinkedHashMap<>();

    private int method = ZipEntry.STORED;

    /// With entries packed, as other programs write them.
    public TorchZip deflated() {
        method = ZipEntry.DEFLATED;
        return this;
    }

    /// A zip with the 64-bit records before its end that torch always writes.
    public static byte[] withWideEnd(byte[] zip) {
        int end = zip.length - 22;
        ByteBuffer old = ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer wide = ByteBuffer.allocate(zip.length + 76).order(ByteOrder.LITTLE_ENDIAN);
        wide.put(zip, 0, end);
        wide.putInt(0x06064b50).putLong(44).putShort((short) 45).putShort((short) 45);
        wide.putInt(0).putInt(0).putLong(old.getShort(end + 10)).putLong(old.getShort(end + 10));
        wide.putLong(old.getInt(end + 12)).putLong(old.getInt(end + 16));
        wide.putInt(0x07064b50).putInt(0).putLong(end).putInt(1);
        return wide.put(zip, end, 22).array();
    }

    /// How many storages it has.
    public int count() {
        return storages.size();
    }

    /// A storage by its bytes.
    public TorchZip storage(String key, byte[] bytes) {
        storages.put(key, bytes);
        return this;
    }

    /// Another entry of the archive.
    public TorchZip entry(String name, String text) {
        others.put(name, text.getBytes(StandardCharsets.US_ASCII));
        return this;
    }

    /// A view of a storage, for the pickle.
    public static Object view(
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
    public Path write(Path file, Object value) throws IOException {
        return write(file, PickleBytes.of(value));
    }

    /// Writes the file with a pickle of any bytes.
    public Path write(Path file, byte[] pickle) throws IOException {
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

    private void put(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
        ZipEntry entry = new ZipEntry("archive/" + name);
        CRC32 checksum = new CRC32();
        checksum.update(bytes);
        entry.setMethod(method);
        entry.setSize(bytes.length);
        entry.setCrc(checksum.getValue());
        zip.putNextEntry(entry);
        zip.write(bytes);
        zip.closeEntry();
    }
}
