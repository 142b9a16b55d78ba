package dev.isoflop.encoder;

import dev.isoflop.fault.InputException;
import dev.isoflop.files.Reason;
import dev.isoflop.torch.SafetensorsHeader.Dtype;
import dev.isoflop.torch.SafetensorsLayout.Form;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.zip.ZipException;

/// A `.pth` or `.pt`: the zip that torch.save writes since torch 1.6, and TorchScript's archives.
///
/// `NAME/data.pkl` describes the tensors, `NAME/data/KEY` holds each storage. The description is
/// read whole by {@link TorchPickle}; of the storages a tensor's own elements, when it is asked
/// for. {@link Archive} reads the zip.
final class TorchFile implements TensorFile {

    private static final String PICKLE = "data.pkl";
    private static final long LONGEST_PICKLE = 256L << 20; // of the largest models, some megabytes
    private static final int MOST = 1_000_000; // values in a file; and how deep they may nest:
    private static final int DEEPEST = 64;
    private static final long LONGEST_ORDER = 16; // bytes of the word "little"

    private final Path file;
    private final Archive zip;
    private final String root;
    private final boolean script;
    private final Map<String, Stored> tensors = new LinkedHashMap<>();
    private final Map<String, String> beside = new LinkedHashMap<>();
    private int seen;

    private TorchFile(Path file, Archive zip) throws IOException {
        this.file = file;
        this.zip = zip;
        Archive.Entry pickle = pickle(file, zip);
        root = pickle.name().substring(0, pickle.name().length() - PICKLE.length());
        script = zip.entry(root + "constants.pkl") != null;
        requireLittleEndian();
        if (pickle.bytes() > LONGEST_PICKLE) {
            throw new InputException(
                    file + " describes its tensors in " + pickle.bytes() + " bytes: too many");
        }
        collect("", TorchPickle.read(file, content(pickle)), 0);
    }

    static TorchFile open(Path file) {
        Archive zip = null;
        try {
            zip = new Archive(file);
            return new TorchFile(file, zip);
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

    private static RuntimeException closed(@Nullable Archive zip, RuntimeException why) {
        if (zip != null) {
            try {
                zip.close();
            } catch (IOException e) {
                why.addSuppressed(e);
            }
        }
        return why;
    }

    private static Archive.Entry pickle(Path file, Archive zip) {
        return zip.entries().values().stream()
                .filter(it -> it.name().equals(PICKLE) || it.name().endsWith("/" + PICKLE))
                .findFirst()
                .orElseThrow(() ->
                        new InputException(
                                file
                                        + " is a zip, but not of torch.save: there is no data.pkl"
                                        + " in it"));
    }

    private byte[] content(Archive.Entry entry) throws IOException {
        byte[] bytes = new byte[(int) entry.bytes()];
        zip.copy(entry, 0, MemorySegment.ofArray(bytes));
        return bytes;
    }

    private void requireLittleEndian() throws IOException {
        Archive.Entry order = zip.entry(root + "byteorder");
        if (order != null) {
            String text =
                    order.bytes() > LONGEST_ORDER
                            ? "of unknown"
                            : new String(content(order), StandardCharsets.US_ASCII).strip();
            if (!text.equals("little")) {
                throw new InputException(
                        file + " has " + text + "-endian numbers; isoflop reads little-endian");
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
            case PickledNumpy numpy -> beside.put(path, numpy.what());
            case null, default -> {}
        }
    }

    private static String below(String path, @Nullable Object key) {
        return path.isEmpty() ? word(key) : path + "." + word(key);
    }

    /// A key as Python would print it.
    private static String word(@Nullable Object key) {
        return switch (key) {
            case null -> "None";
            case Boolean truth -> truth ? "True" : "False";
            case String text -> text;
            case Number number -> number.toString();
            case TorchNames.Inert inert -> inert.name();
            case Object[] tuple ->
                    Arrays.stream(tuple)
                            .map(it -> it instanceof Object[] ? "(...)" : word(it))
                            .collect(Collectors.joining(", ", "(", ")"));
            default -> "?";
        };
    }

    private void add(String name, TorchTensor tensor) {
        Optional<Dtype> dtype = tensor.storage().dtype();
        if (dtype.isEmpty()) {
            beside.put(name, "tensor of " + tensor.storage().type().name());
            return;
        }
        String at = root + "data/" + tensor.storage().key();
        Archive.Entry entry = zip.entry(at);
        if (entry == null) {
            throw new InputException(
                    file + ": tensor " + name + " should be in " + at + ", which is not there");
        }
        long needed = Math.multiplyExact(tensor.storage().elements(), (long) dtype.get().bytes());
        if (entry.bytes() != needed) {
            throw new InputException(
                    "%s: %s has %d bytes; tensor %s says it has %d elements of %s, %d bytes"
                            .formatted(
                                    file,
                                    at,
                                    entry.bytes(),
                                    name,
                                    tensor.storage().elements(),
                                    dtype.get(),
                                    needed));
        }
        if (tensors.put(name, new Zipped(zip, entry, dtype.get(), tensor)) != null) {
            throw new InputException(file + " holds two tensors named " + name);
        }
    }

    private record Zipped(Archive zip, Archive.Entry entry, Dtype dtype, TorchTensor tensor)
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
            long from = tensor.offset() * bytes;
            if (tensor.isDense()) {
                zip.copy(entry, from, dense);
                return;
            }
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment span = arena.allocate(tensor.span() * bytes);
                zip.copy(entry, from, span);
                tensor.gather(span, bytes, dense);
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
