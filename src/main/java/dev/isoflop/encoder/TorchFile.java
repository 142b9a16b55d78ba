package dev.isoflop.encoder;

import dev.isoflop.fault.InputException;
import dev.isoflop.files.Reason;
import dev.isoflop.torch.SafetensorsHeader.Dtype;
import dev.isoflop.torch.SafetensorsLayout.Form;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/// A `.pth` or `.pt`: the zip that torch.save writes since torch 1.6, and TorchScript's archives.
///
/// `NAME/data.pkl` describes the tensors, `NAME/data/KEY` holds each storage. The description is
/// read whole by {@link TorchPickle}; of the storages a tensor's own elements, when it is asked
/// for. Checksums of the zip are not looked at, since torch lets them be left out.
final class TorchFile implements TensorFile {

    private static final String PICKLE = "data.pkl";
    private static final long LONGEST_PICKLE = 256L << 20; // of the largest models, some megabytes
    private static final int MOST = 1_000_000; // values in a file; and how deep they may nest:
    private static final int DEEPEST = 64;
    private static final int CHUNK_BYTES = 1 << 20;

    private final Path file;
    private final ZipFile zip;
    private final String root;
    private final boolean script;
    private final Map<String, Stored> tensors = new LinkedHashMap<>();
    private final Map<String, String> beside = new LinkedHashMap<>();
    private int seen;

    private TorchFile(Path file, ZipFile zip, ZipEntry pickle) throws IOException {
        this.file = file;
        this.zip = zip;
        String name = pickle.getName();
        root = name.substring(0, name.length() - PICKLE.length());
        script = zip.getEntry(root + "constants.pkl") != null;
        requireLittleEndian();
        if (pickle.getSize() > LONGEST_PICKLE) {
            throw new InputException(
                    file + " describes its tensors in " + pickle.getSize() + " bytes: too many");
        }
        byte[] bytes;
        try (InputStream in = zip.getInputStream(pickle)) {
            bytes = in.readNBytes((int) LONGEST_PICKLE);
        }
        collect("", TorchPickle.read(file, bytes), 0);
    }

    static TorchFile open(Path file) {
        ZipFile zip = null;
        try {
            zip = new ZipFile(file.toFile());
            return new TorchFile(file, zip, pickle(file, zip));
        } catch (ZipException e) {
            throw closed(
                    zip,
                    new InputException(
                            file
                                    + " begins as a .pth does, but is cut off or damaged ("
                                    + e.getMessage()
                                    + "); fetch it again",
                            e));
        } catch (IOException e) {
            throw closed(zip, new InputException(file + " cannot be read: " + Reason.of(e), e));
        } catch (RuntimeException e) {
            throw closed(zip, e);
        }
    }

    private static RuntimeException closed(@Nullable ZipFile zip, RuntimeException why) {
        if (zip != null) {
            try {
                zip.close();
            } catch (IOException e) {
                why.addSuppressed(e);
            }
        }
        return why;
    }

    private static ZipEntry pickle(Path file, ZipFile zip) {
        Enumeration<? extends ZipEntry> entries = zip.entries();
        while (entries.hasMoreElements()) {
            ZipEntry entry = entries.nextElement();
            if (entry.getName().equals(PICKLE) || entry.getName().endsWith("/" + PICKLE)) {
                return entry;
            }
        }
        throw new InputException(
                file + " is a zip, but not of torch.save: there is no data.pkl in it");
    }

    private void requireLittleEndian() throws IOException {
        ZipEntry order = zip.getEntry(root + "byteorder");
        if (order != null) {
            try (InputStream in = zip.getInputStream(order)) {
                String text = new String(in.readNBytes(16), StandardCharsets.US_ASCII).strip();
                if (!text.equals("little")) {
                    throw new InputException(
                            file + " has " + text + "-endian numbers; isoflop reads little-endian");
                }
            }
        }
    }

    private void collect(String path, @Nullable Object value, int depth) {
        if (++seen > MOST || depth > DEEPEST) {
            throw new InputException(
                    file + " nests more values than a checkpoint does, at " + path);
        }
        switch (value) {
            case Map<?, ?> map ->
                    map.forEach((key, inner) -> collect(below(path, key), inner, depth + 1));
            case TorchNames.Script module ->
                    module.attributes()
                            .forEach((key, inner) -> collect(below(path, key), inner, depth + 1));
            case TorchTensor tensor -> add(path, tensor);
            case TorchNames.Inert inert -> beside.put(path, inert.name());
            case null, default -> {}
        }
    }

    private static String below(String path, @Nullable Object key) {
        return path.isEmpty() ? String.valueOf(key) : path + "." + key;
    }

    private void add(String name, TorchTensor tensor) {
        Optional<Dtype> dtype = tensor.storage().dtype();
        if (dtype.isEmpty()) {
            beside.put(name, "tensor of " + tensor.storage().type().name());
            return;
        }
        String at = root + "data/" + tensor.storage().key();
        ZipEntry entry = zip.getEntry(at);
        if (entry == null) {
            throw new InputException(
                    file + ": tensor " + name + " should be in " + at + ", which is not there");
        }
        long needed = Math.multiplyExact(tensor.storage().elements(), (long) dtype.get().bytes());
        if (entry.getSize() != needed) {
            throw new InputException(
                    "%s: %s has %d bytes; tensor %s says it has %d elements of %s, %d bytes"
                            .formatted(
                                    file,
                                    at,
                                    entry.getSize(),
                                    name,
                                    tensor.storage().elements(),
                                    dtype.get(),
                                    needed));
        }
        if (tensors.put(name, new Zipped(zip, entry, dtype.get(), tensor)) != null) {
            throw new InputException(file + " holds two tensors named " + name);
        }
    }

    private record Zipped(ZipFile zip, ZipEntry entry, Dtype dtype, TorchTensor tensor)
            implements Stored {

        @Override
        public Form form() {
            return new Form(dtype, tensor.shape());
        }

        @Override
        public void copyTo(MemorySegment dense) throws IOException {
            if (dense.byteSize() == 0) {
                return;
            }
            int bytes = dtype.bytes();
            try (InputStream in = zip.getInputStream(entry);
                    Arena arena = Arena.ofConfined()) {
                in.skipNBytes(tensor.offset() * bytes);
                if (tensor.isDense()) {
                    fill(in, dense);
                } else {
                    MemorySegment span = arena.allocate(tensor.span() * bytes);
                    fill(in, span);
                    tensor.gather(span, bytes, dense);
                }
            }
        }

        private static void fill(InputStream in, MemorySegment target) throws IOException {
            byte[] chunk = new byte[(int) Math.min(CHUNK_BYTES, target.byteSize())];
            for (long at = 0; at < target.byteSize(); ) {
                int count = (int) Math.min(chunk.length, target.byteSize() - at);
                if (in.readNBytes(chunk, 0, count) < count) {
                    throw new IOException("the file ends within a tensor");
                }
                MemorySegment.copy(chunk, 0, target, ValueLayout.JAVA_BYTE, at, count);
                at += count;
            }
        }
    }

    @Override
    public String kind() {
        return script ? "TorchScript archive" : "zip of torch.save";
    }

    @Override
    public Map<String, Stored> tensors() {
        return tensors;
    }

    @Override
    public Map<String, String> metadata() {
        return Map.of();
    }

    @Override
    public Map<String, String> beside() {
        return beside;
    }

    @Override
    public void close() {
        try {
            zip.close();
        } catch (IOException e) {
            throw new InputException(file + " cannot be closed: " + Reason.of(e), e);
        }
    }
}
