package dev.isoflop.encoder;

import dev.isoflop.fault.InputException;
import dev.isoflop.files.DurableFiles;
import dev.isoflop.files.Reason;
import dev.isoflop.torch.SafetensorsHeader.Dtype;
import dev.isoflop.torch.SafetensorsLayout;
import dev.isoflop.torch.SafetensorsLayout.Form;
import dev.isoflop.vit.Positions;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// An encoder in a file of somebody's, understood: what each tensor becomes, and what is written.
///
/// Numbers are read when they are written, one tensor at a time, and only ever widened: to 64 bits
/// if the encoder has any of 64, else to 32. So no bit is lost, and memory is that of the largest
/// tensor.
public final class Conversion implements AutoCloseable {

    private static final int CHUNK_BYTES = 1 << 20;
    static final String PATCH_BIAS = "patch_embed.proj.bias";

    private final Path file;
    private final TensorFile tensors;
    private final Recognition found;
    private final Parts parts;
    private final Outline outline;
    private final Dtype dtype;
    private final Map<String, List<Stored>> pieces = new LinkedHashMap<>();
    private final Card card;

    /// Whose names a file is written with.
    public enum As {
        /// As our checkpoints have it.
        ISOFLOP,
        /// As timm loads it.
        TIMM;

        /// By its word, `isoflop` or `timm`.
        ///
        /// @throws InputException for another
        public static As of(String word) {
            return switch (word) {
                case "isoflop" -> ISOFLOP;
                case "timm" -> TIMM;
                default -> throw new InputException("--as is " + word + "; write isoflop or timm");
            };
        }
    }

    /// A parameter of the encoder.
    ///
    /// @param name ours
    /// @param from the tensors it is made of; none if it is zeros that no file holds
    /// @param dtype as they were stored
    /// @param shape ours
    public record Used(String name, List<String> from, Dtype dtype, List<Long> shape) {

        public Used {
            from = List.copyOf(from);
            shape = List.copyOf(shape);
        }
    }

    /// How that is known of an encoder which no tensor's shape says: asked for, said by the file or
    /// its neighbour, or usual.
    ///
    /// @param heads of attention
    /// @param epsilon of its norms
    /// @param activation of its MLPs
    public record Reasons(String heads, String epsilon, String activation) {}

    /// A tensor that is not used.
    ///
    /// @param name in the file
    /// @param why it is not
    public record Left(String name, String why) {}

    private Conversion(Path file, TensorFile tensors, Choices choices) throws IOException {
        this.file = file;
        this.tensors = tensors;
        found = Recognition.of(file, tensors.tensors().keySet(), choices.key());
        parts = Parts.of(file, tensors.tensors().keySet(), found, choices.leaveOut());
        Optional<Card> own = Card.in(file, tensors.metadata());
        Map<String, Form> stored = new LinkedHashMap<>();
        parts.sources().forEach((name, from) -> stored.put(name, stored(from.getFirst()).form()));
        outline = Outline.of(file, found, stored, own, choices);
        dtype = dtype();
        collect();
        String source = own.map(Card::source).orElse(file.getFileName() + ", " + found.whose());
        card = new Card(outline.shape(), positions(), outline.pool(), outline.style(), source);
    }

    /// Understands a file; only `pos_embed` is read of its numbers.
    ///
    /// @param from a `.safetensors` or `.pth` file, a run's folder or a checkpoint's
    /// @throws InputException if it is damaged, tries to construct something, holds no encoder that
    ///   isoflop knows, or one that does not fit; with every tensor that is wrong
    public static Conversion of(Path from, Choices choices) {
        Path file = EncoderFile.place(from);
        TensorFile tensors = TensorFile.open(file);
        try {
            return new Conversion(file, tensors, choices);
        } catch (IOException e) {
            tensors.close();
            throw new InputException(file + " cannot be read: " + Reason.of(e), e);
        } catch (RuntimeException e) {
            tensors.close();
            throw e;
        }
    }

    private Stored stored(String name) {
        return Objects.requireNonNull(tensors.tensors().get(name));
    }

    /// The widest format of the encoder, 32 bits at least.
    private Dtype dtype() {
        Dtype widest = Dtype.F32;
        for (List<String> sources : parts.sources().values()) {
            for (String source : sources) {
                Dtype it = stored(source).form().dtype();
                if (!Numbers.isReal(it)) {
                    throw new InputException(
                            file + ": tensor " + source + " has " + it + " numbers, not real ones");
                }
                widest = it == Dtype.F64 ? it : widest;
            }
        }
        return widest;
    }

    /// Finds the tensors of each parameter, and complains of all that are wrong at once.
    private void collect() {
        StringBuilder wrong = new StringBuilder();
        Map<String, Form> wanted = outline.forms(dtype);
        wanted.forEach((name, form) -> {
            List<String> from = parts.sources().get(name);
            if (from != null) {
                pieces.put(name, from.stream().map(this::stored).toList());
                String fault = Outline.misfit(form, pieces.get(name));
                if (!fault.isEmpty()) {
                    wrong.append("\n  ").append(String.join(", ", from)).append(fault);
                }
            } else if (name.equals(PATCH_BIAS) && outline.style().normFirst()) {
                pieces.put(name, List.of(Stored.zeros(dtype, outline.shape().width())));
            } else {
                wrong.append("\n  ").append(name).append(" is missing");
            }
        });
        Map<String, List<String>> beyond = new LinkedHashMap<>();
        parts.sources()
                .forEach((name, from) -> {
                    if (!wanted.containsKey(name)) {
                        beyond.computeIfAbsent("of no use to it", _ -> new ArrayList<>())
                                .addAll(from);
                    }
                });
        if (!wrong.isEmpty()) {
            throw new InputException(
                    "%s does not fit %s, by its naming, %s:%s"
                            .formatted(file, outline.shape().name(), found.whose(), wrong));
        }
        if (!beyond.isEmpty()) {
            throw Parts.foreign(file, beyond);
        }
    }

    private Positions positions() throws IOException {
        Stored stored = Objects.requireNonNull(pieces.get("pos_embed")).getFirst();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment table = arena.allocate(stored.form().bytes());
            stored.copyTo(table);
            return outline.positions(stored.form().dtype(), table);
        }
    }

    /// The file that was read.
    public Path file() {
        return file;
    }

    /// What kind of file it is, for people.
    public String kind() {
        return tensors.kind();
    }

    /// How many tensors it holds.
    public int count() {
        return tensors.tensors().size();
    }

    /// Whose naming it has, for people.
    public String whose() {
        return found.whose();
    }

    /// Why it was taken for that.
    public String why() {
        return found.why();
    }

    /// The encoder.
    public Card card() {
        return card;
    }

    /// How that is known of the encoder which no tensor's shape says.
    public Reasons reasons() {
        return outline.reasons();
    }

    /// The format of the numbers that are written.
    public Dtype written() {
        return dtype;
    }

    /// How many tensors are used of each format.
    public Map<Dtype, Integer> formats() {
        Map<Dtype, Integer> counts = new EnumMap<>(Dtype.class);
        for (Used it : used()) {
            if (!it.from().isEmpty()) {
                counts.merge(it.dtype(), it.from().size(), Integer::sum);
            }
        }
        return counts;
    }

    /// Each parameter with its origin.
    public List<Used> used() {
        List<Used> used = new ArrayList<>();
        outline.forms(dtype)
                .forEach((name, form) -> {
                    Stored first = Objects.requireNonNull(pieces.get(name)).getFirst();
                    List<String> from = parts.sources().getOrDefault(name, List.of());
                    used.add(new Used(name, from, first.form().dtype(), form.shape()));
                });
        return used;
    }

    /// Tensors that are not used.
    public List<Left> left() {
        return List.copyOf(parts.left());
    }

    /// What is in the file beside tensors and was read as a mere name.
    public Map<String, String> beside() {
        return Collections.unmodifiableMap(tensors.beside());
    }

    /// Writes the encoder, whole or not at all.
    ///
    /// @param out a `.safetensors` file that is not there yet, or a pipe
    /// @throws InputException if it is there, or has another name
    /// @throws dev.isoflop.fault.RunException if it cannot be written
    public void write(Path out, As as) {
        requireNew(out);
        Map<String, Form> forms = outline.forms(dtype);
        Map<String, String> metadata = new LinkedHashMap<>(card.metadata());
        metadata.put("format", "pt"); // what other programs' loaders ask for
        if (as == As.TIMM) {
            metadata.put("timm", Timm.call(card));
            if (card.style().normFirst()) {
                forms.remove(PATCH_BIAS); // timm has none there either
            }
        }
        byte[] header = SafetensorsLayout.of(forms, metadata).header();
        try {
            DurableFiles.write(
                    out,
                    stream -> {
                        stream.write(header);
                        for (String name : forms.keySet()) {
                            for (Stored piece : Objects.requireNonNull(pieces.get(name))) {
                                put(piece, stream);
                            }
                        }
                    });
        } catch (UncheckedIOException e) {
            throw new InputException(
                    file + " cannot be read: " + Reason.of(Objects.requireNonNull(e.getCause())),
                    e);
        }
    }

    private static void requireNew(Path out) {
        if (!out.toString().endsWith(".safetensors")) {
            throw new InputException(
                    "--to " + out + ": isoflop writes safetensors; name a file .safetensors");
        }
        if (Files.exists(out) && !DurableFiles.isWrittenThrough(out)) {
            throw new InputException(
                    "--to " + out + " is there already; give another name, or remove it");
        }
    }

    private void put(Stored piece, OutputStream stream) throws IOException {
        Form form = piece.form();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment stored = arena.allocate(form.bytes());
            read(piece, stored);
            long n = form.bytes() / form.dtype().bytes();
            MemorySegment wide = arena.allocate(n * dtype.bytes());
            Numbers.widen(form.dtype(), stored, dtype, wide);
            byte[] chunk = new byte[(int) Math.min(CHUNK_BYTES, wide.byteSize())];
            for (long at = 0; at < wide.byteSize(); at += chunk.length) {
                int count = (int) Math.min(chunk.length, wide.byteSize() - at);
                MemorySegment.copy(wide, ValueLayout.JAVA_BYTE, at, chunk, 0, count);
                stream.write(chunk, 0, count);
            }
        }
    }

    /// A fault of the input is not one of the disk that is written to.
    private static void read(Stored piece, MemorySegment target) {
        try {
            piece.copyTo(target);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        tensors.close();
    }
}
