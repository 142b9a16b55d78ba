package dev.isoflop.torch;

import dev.isoflop.torch.SafetensorsHeader.Dtype;
import dev.isoflop.torch.SafetensorsHeader.Entry;

import tools.jackson.databind.json.JsonMapper;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Where tensors will stand in a safetensors file, known before any of them is at hand.
///
/// The same tensors give the same bytes: they stand in the order given, metadata in that of the
/// alphabet. Needs no libtorch.
///
/// @param tensors by name, in the order of their bytes
/// @param metadata free text by key
public record SafetensorsLayout(Map<String, Entry> tensors, Map<String, String> metadata) {

    private static final int ALIGNMENT = 8;
    private static final JsonMapper JSON = new JsonMapper();

    /// What a tensor will be.
    ///
    /// @param dtype of its elements
    /// @param shape the length of each dimension
    public record Form(Dtype dtype, List<Long> shape) {

        public Form {
            shape = List.copyOf(shape);
        }

        /// Bytes it takes.
        public long bytes() {
            long elements = shape.stream().reduce(1L, Math::multiplyExact);
            return Math.multiplyExact(elements, (long) dtype.bytes());
        }
    }

    public SafetensorsLayout {
        tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
        metadata = Collections.unmodifiableMap(new TreeMap<>(metadata));
    }

    /// Tensors one after the other, without gaps.
    ///
    /// @throws IllegalArgumentException for a name that the format keeps for itself
    public static SafetensorsLayout of(Map<String, Form> forms, Map<String, String> metadata) {
        Map<String, Entry> entries = new LinkedHashMap<>();
        long begin = 0;
        for (Map.Entry<String, Form> form : forms.entrySet()) {
            String name = form.getKey();
            if (name.equals(SafetensorsHeader.METADATA)) {
                throw new IllegalArgumentException("a tensor cannot be named " + name);
            }
            Form it = form.getValue();
            long end = Math.addExact(begin, it.bytes());
            entries.put(name, new Entry(it.dtype(), it.shape(), begin, end));
            begin = end;
        }
        return new SafetensorsLayout(entries, metadata);
    }

    /// What a file begins with: the header's length, the header, spaces up to a multiple of eight.
    public byte[] header() {
        Map<String, Object> header = new LinkedHashMap<>();
        if (!metadata.isEmpty()) {
            header.put(SafetensorsHeader.METADATA, metadata);
        }
        tensors.forEach((name, it) -> {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("dtype", it.dtype().name());
            entry.put("shape", it.shape());
            entry.put("data_offsets", List.of(it.begin(), it.end()));
            header.put(name, entry);
        });
        byte[] json = JSON.writeValueAsBytes(header);
        int padded = Math.ceilDiv(json.length, ALIGNMENT) * ALIGNMENT;
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES + padded).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(padded).put(json);
        Arrays.fill(bytes.array(), bytes.position(), bytes.capacity(), (byte) ' ');
        return bytes.array();
    }
}
