package dev.isoflop.torch;

import dev.isoflop.fault.InputException;
import dev.isoflop.files.Reason;

import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a safetensors file says it holds, checked against itself and the file's length.
///
/// [The format](https://huggingface.co/docs/safetensors): eight bytes with the length of a JSON
/// header (little-endian), the header, the tensors' bytes without gaps. Reading it needs no
/// libtorch.
///
/// @param file the file itself, for messages
/// @param tensors by name, in the header's order
/// @param metadata free text by key
/// @param dataStart where the tensors' bytes begin in the file
public record SafetensorsHeader(
        Path file, Map<String, Entry> tensors, Map<String, String> metadata, long dataStart) {

    static final String METADATA = "__metadata__";

    /// A longer header is taken for a broken file, as the format's own library does.
    static final long LONGEST = 100_000_000;

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    /// The element types that isoflop reads and writes.
    public enum Dtype {
        F64(8),
        F32(4),
        BF16(2),
        F16(2),
        I64(8),
        I32(4),
        U8(1),
        BOOL(1);

        private final int bytes;

        Dtype(int bytes) {
            this.bytes = bytes;
        }

        /// Bytes an element.
        public int bytes() {
            return bytes;
        }

        static Optional<Dtype> named(String name) {
            return Arrays.stream(values()).filter(it -> it.name().equals(name)).findFirst();
        }
    }

    /// One tensor.
    ///
    /// @param shape the length of each dimension; none for a scalar
    /// @param begin where its bytes begin, counted from {@link #dataStart}
    /// @param end where they end
    public record Entry(Dtype dtype, List<Long> shape, long begin, long end) {

        public Entry {
            shape = List.copyOf(shape);
        }

        public long bytes() {
            return end - begin;
        }
    }

    public SafetensorsHeader {
        tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
        metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    }

    /// Reads and checks the header; the tensors' bytes are not read.
    ///
    /// @throws InputException saying what is wrong with the file, and with which tensor
    public static SafetensorsHeader read(Path file) {
        try (FileChannel channel = FileChannel.open(file)) {
            return read(file, channel);
        } catch (NoSuchFileException e) {
            throw new InputException(file + " does not exist", e);
        } catch (IOException e) {
            throw new InputException(file + " cannot be read: " + Reason.of(e), e);
        }
    }

    static SafetensorsHeader read(Path file, FileChannel channel) throws IOException {
        long length = channel.size();
        if (length < Long.BYTES) {
            throw broken(
                    file,
                    "has " + length + " bytes; a safetensors file begins with 8 for a length");
        }
        long headerLength =
                bytes(file, channel, 0, Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).getLong();
        if (headerLength < 2 || headerLength > LONGEST) {
            throw broken(
                    file,
                    "is no safetensors file: its header would have "
                            + Long.toUnsignedString(headerLength)
                            + " bytes");
        }
        long dataStart = Long.BYTES + headerLength;
        if (dataStart > length) {
            throw broken(
                    file,
                    "ends within its header: it has "
                            + length
                            + " bytes, the header alone needs "
                            + dataStart);
        }
        byte[] json = bytes(file, channel, Long.BYTES, (int) headerLength).array();
        Map<String, Entry> tensors = new LinkedHashMap<>();
        Map<String, String> metadata = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> property : object(file, json).properties()) {
            if (property.getKey().equals(METADATA)) {
                readMetadata(file, property.getValue(), metadata);
            } else {
                tensors.put(property.getKey(), entry(file, property.getKey(), property.getValue()));
            }
        }
        checkLayout(file, tensors, length - dataStart);
        return new SafetensorsHeader(file, tensors, metadata, dataStart);
    }

    private static ByteBuffer bytes(Path file, FileChannel channel, long from, int count)
            throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(count);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, from + buffer.position()) < 0) {
                throw broken(file, "became shorter while it was read");
            }
        }
        return buffer.flip();
    }

    private static JsonNode object(Path file, byte[] json) {
        try {
            JsonNode root = JSON.readTree(json);
            if (!root.isObject()) {
                throw broken(file, "has a header that is no JSON object");
            }
            return root;
        } catch (JacksonException e) {
            throw broken(file, "has a broken header: " + Reason.of(e));
        }
    }

    private static void readMetadata(Path file, JsonNode node, Map<String, String> metadata) {
        if (!node.isObject()) {
            throw broken(file, METADATA + " is " + node + "; it must be an object");
        }
        for (Map.Entry<String, JsonNode> property : node.properties()) {
            if (!property.getValue().isString()) {
                throw broken(
                        file,
                        METADATA
                                + "."
                                + property.getKey()
                                + " is "
                                + property.getValue()
                                + "; it must be text");
            }
            metadata.put(property.getKey(), property.getValue().asString());
        }
    }

    private static Entry entry(Path file, String name, JsonNode node) {
        String dtypeName = node.path("dtype").asString("");
        Dtype dtype =
                Dtype.named(dtypeName)
                        .orElseThrow(() ->
                                broken(
                                        file,
                                        name,
                                        "has the element type \""
                                                + dtypeName
                                                + "\"; known are "
                                                + Arrays.toString(Dtype.values())));
        List<Long> shape = numbers(file, name, node, "shape");
        List<Long> offsets = numbers(file, name, node, "data_offsets");
        if (offsets.size() != 2 || offsets.get(1) < offsets.get(0)) {
            throw broken(
                    file, name, "has data_offsets " + offsets + "; they must be begin and end");
        }
        Entry entry = new Entry(dtype, shape, offsets.get(0), offsets.get(1));
        long needed = size(file, name, entry);
        if (needed != entry.bytes()) {
            throw broken(
                    file,
                    name,
                    "is "
                            + dtype
                            + shape
                            + " and needs "
                            + needed
                            + " bytes; its data_offsets "
                            + offsets
                            + " hold "
                            + entry.bytes());
        }
        return entry;
    }

    private static List<Long> numbers(Path file, String name, JsonNode node, String key) {
        JsonNode list = node.path(key);
        if (!list.isArray()
                || !list.valueStream()
                        .allMatch(it -> it.isIntegralNumber() && it.canConvertToLong())
                || list.valueStream().anyMatch(it -> it.asLong() < 0)) {
            throw broken(
                    file, name, "has " + key + " " + list + "; it must be a list of whole numbers");
        }
        return list.valueStream().map(JsonNode::asLong).toList();
    }

    private static long size(Path file, String name, Entry entry) {
        try {
            return Math.multiplyExact(
                    entry.shape().stream().reduce(1L, Math::multiplyExact),
                    (long) entry.dtype().bytes());
        } catch (ArithmeticException e) {
            throw broken(file, name, "has the impossible shape " + entry.shape());
        }
    }

    private static void checkLayout(Path file, Map<String, Entry> tensors, long dataLength) {
        long end = 0;
        String before = "the header";
        List<Map.Entry<String, Entry>> inOrder =
                tensors.entrySet().stream()
                        .sorted(
                                Comparator.comparingLong((Map.Entry<String, Entry> it) ->
                                                it.getValue().begin())
                                        .thenComparingLong(it -> it.getValue().end()))
                        .toList();
        for (Map.Entry<String, Entry> tensor : inOrder) {
            long begin = tensor.getValue().begin();
            if (begin != end) {
                String what = begin < end ? "overlaps " : "leaves a gap after ";
                throw broken(
                        file,
                        tensor.getKey(),
                        what + before + ": it begins at " + begin + ", not at " + end);
            }
            end = tensor.getValue().end();
            before = tensor.getKey();
        }
        if (dataLength < end) {
            throw broken(
                    file,
                    "is cut off: it holds "
                            + dataLength
                            + " bytes of tensors, its header says "
                            + end
                            + " (the last is "
                            + before
                            + ")");
        }
        if (dataLength > end) {
            throw broken(
                    file,
                    "is too long: it holds "
                            + dataLength
                            + " bytes of tensors, its header says "
                            + end);
        }
    }

    private static InputException broken(Path file, String what) {
        return new InputException(file + " " + what);
    }

    private static InputException broken(Path file, String tensor, String what) {
        return new InputException(file + ": tensor " + tensor + " " + what);
    }
}
