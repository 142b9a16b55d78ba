package dev.isoflop.encoder;

import dev.isoflop.fault.InputException;
import dev.isoflop.files.Reason;
import dev.isoflop.torch.SafetensorsHeader;
import dev.isoflop.torch.SafetensorsHeader.Entry;
import dev.isoflop.torch.SafetensorsLayout.Form;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// The tensors of a safetensors file, mapped into memory.
final class SafetensorsFile implements TensorFile {

    private final SafetensorsHeader header;
    private final Map<String, Stored> tensors = new LinkedHashMap<>();

    private SafetensorsFile(SafetensorsHeader header, MemorySegment data) {
        this.header = header;
        header.tensors().forEach((name, entry) -> tensors.put(name, new Mapped(entry, data)));
    }

    static SafetensorsFile open(Path file) {
        SafetensorsHeader header = SafetensorsHeader.read(file);
        try (FileChannel channel = FileChannel.open(file)) {
            long length = channel.size() - header.dataStart();
            Arena untilForgotten = Arena.ofAuto();
            return new SafetensorsFile(
                    header,
                    channel.map(
                            FileChannel.MapMode.READ_ONLY,
                            header.dataStart(),
                            length,
                            untilForgotten));
        } catch (IOException e) {
            throw new InputException(file + " cannot be read: " + Reason.of(e), e);
        }
    }

    private record Mapped(Entry entry, MemorySegment data) implements Stored {

        @Override
        public Form form() {
            return new Form(entry.dtype(), entry.shape());
        }

        @Override
        public void copyTo(MemorySegment dense) {
            dense.copyFrom(data.asSlice(entry.begin(), entry.bytes()));
        }
    }

    @Override
    public String kind() {
        return "safetensors";
    }

    @Override
    public Map<String, Stored> tensors() {
        return tensors;
    }

    @Override
    public Map<String, String> metadata() {
        return header.metadata();
    }

    @Override
    public Map<String, String> beside() {
        return Map.of();
    }

    @Override
    public void close() {
        // the mapping goes when nobody refers to it
    }
}
