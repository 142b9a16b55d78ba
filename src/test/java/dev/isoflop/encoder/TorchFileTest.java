package dev.isoflop.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.isoflop.encoder.PickleBytes.Built;
import dev.isoflop.encoder.PickleBytes.Call;
import dev.isoflop.encoder.PickleBytes.Name;
import dev.isoflop.fault.InputException;
import dev.isoflop.torch.SafetensorsHeader.Dtype;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/// What torch.save writes is read, and nothing in it is obeyed.
class TorchFileTest {

    @TempDir private Path folder = Path.of("");

    private Path file() {
        return folder.resolve("x.pth");
    }

    private static byte[] floats(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return bytes.array();
    }

    private static double[] numbers(TensorFile file, String name) throws IOException {
        Stored stored = Objects.requireNonNull(file.tensors().get(name), name);
        Dtype dtype = stored.form().dtype();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(stored.form().bytes());
            stored.copyTo(bytes);
            double[] numbers = new double[(int) (bytes.byteSize() / dtype.bytes())];
            Arrays.setAll(numbers, i -> Numbers.number(dtype, bytes, i));
            return numbers;
        }
    }

    @Test
    void viewsOfOneStorageAreEachReadAsTheyLie() throws IOException {
        TorchZip zip = new TorchZip().storage("7", floats(0, 1, 2, 3, 4, 5));
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("whole", TorchZip.view("Float", "7", 6, 0, new long[] {2, 3}, 3, 1));
        root.put("row", TorchZip.view("Float", "7", 6, 3, new long[] {3}, 1));
        root.put("transposed", TorchZip.view("Float", "7", 6, 0, new long[] {3, 2}, 1, 3));
        root.put("column", TorchZip.view("Float", "7", 6, 1, new long[] {2}, 3));
        root.put("expanded", TorchZip.view("Float", "7", 6, 5, new long[] {2, 2}, 0, 0));
        root.put("number", TorchZip.view("Float", "7", 6, 4, new long[] {}));
        try (TensorFile file = TensorFile.open(zip.write(file(), root))) {
            assertThat(numbers(file, "whole")).containsExactly(0, 1, 2, 3, 4, 5);
            assertThat(numbers(file, "row")).containsExactly(3, 4, 5);
            assertThat(numbers(file, "transposed")).containsExactly(0, 3, 1, 4, 2, 5);
            assertThat(numbers(file, "column")).containsExactly(1, 4);
            assertThat(numbers(file, "expanded")).containsExactly(5, 5, 5, 5);
            assertThat(numbers(file, "number")).containsExactly(4);
        }
    }

    @Test
    void everyFloatingPointFormatIsRead() throws IOException {
        byte[] half = {0x00, 0x3e, 0x01, 0x00}; // 1.5, the least above zero
        byte[] brain = {(byte) 0xc0, 0x3f, (byte) 0x80, (byte) 0xff}; // 1.5, minus infinity
        byte[] wide = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putDouble(0.1).array();
        TorchZip zip = new TorchZip().storage("0", half).storage("1", brain).storage("2", wide);
        zip.storage("3", new byte[] {1, 0});
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("half", TorchZip.view("Half", "0", 2, 0, new long[] {2}, 1));
        root.put("brain", TorchZip.view("BFloat16", "1", 2, 0, new long[] {2}, 1));
        root.put("wide", TorchZip.view("Double", "2", 1, 0, new long[] {1}, 1));
        root.put("short", TorchZip.view("Short", "3", 1, 0, new long[] {1}, 1));
        try (TensorFile file = TensorFile.open(zip.write(file(), root))) {
            assertThat(numbers(file, "half")).containsExactly(1.5, 0x1p-24);
            assertThat(numbers(file, "brain")).containsExactly(1.5, Double.NEGATIVE_INFINITY);
            assertThat(numbers(file, "wide")).containsExactly(0.1);
            assertThat(file.tensors()).doesNotContainKey("short");
            assertThat(file.beside()).isEqualTo(Map.of("short", "tensor of Short"));
        }
    }

    @Test
    void aStorageThatManyTensorsShareCostsNoMoreThanEachOfThem() throws IOException {
        TorchZip zip = new TorchZip().storage("0", new byte[4_000_000]);
        Map<String, Object> root = new LinkedHashMap<>();
        for (int i = 0; i < 1000; i++) {
            root.put("t" + i, TorchZip.view("Float", "0", 1_000_000, i, new long[] {2}, 1));
        }
        try (TensorFile file = TensorFile.open(zip.write(file(), root))) {
            assertThat(file.tensors()).hasSize(1000);
            for (String name : file.tensors().keySet()) {
                assertThat(numbers(file, name)).containsExactly(0, 0);
            }
        }
    }

    private void refused(Object root, String complaint) throws IOException {
        refused(PickleBytes.of(root), complaint);
    }

    private void refused(byte[] pickle, String complaint) throws IOException {
        Path file = new TorchZip().write(file(), pickle);
        assertThatThrownBy(() -> TensorFile.open(file))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith(file + " ")
                .hasMessageContaining(complaint);
    }

    @ParameterizedTest
    @CsvSource({
        "posix, system",
        "os, system",
        "builtins, eval",
        "__builtin__, exec",
        "subprocess, Popen",
        "java.lang, Runtime",
        "torch, load",
        "torch._utils, _rebuild_qtensor",
        "argparse, ArgumentParser",
        "collections, namedtuple"
    })
    void whatIsNotOnTheListIsRefusedByNameAndNothingRuns(String module, String name)
            throws IOException {
        Path proof = folder.resolve("proof");
        List<Object> command = List.of("touch " + proof);
        String complaint = "tries to construct " + module + "." + name;
        refused(Map.of("model", new Call(module, name, command)), complaint);
        refused(Map.of("model", new Built(module, name, Map.of("a", 1))), complaint);
        refused(new Name(module, name), complaint);
        assertThat(proof).doesNotExist();
    }

    @Test
    void anAttributeOfAListedNameIsANameAndOfAnythingElseIsRefused() throws IOException {
        Name curves = new Name("mmengine.logging.history_buffer", "HistoryBuffer");
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("mean", new Call("__builtin__", "getattr", List.of(curves, "mean")));
        try (TensorFile file = TensorFile.open(new TorchZip().write(file(), root))) {
            assertThat(file.beside())
                    .isEqualTo(
                            Map.of("mean", "mmengine.logging.history_buffer.HistoryBuffer.mean"));
        }
        refused(
                new Call("builtins", "getattr", List.of(Map.of(), "clear")),
                "tries to construct builtins.getattr");
        refused(new Built("builtins", "getattr", Map.of()), "tries to construct builtins.getattr");
    }

    @Test
    void theSameHoldsForEveryInstructionThatNamesSomething() throws IOException {
        byte[] byInstance = "\u0080\u0002(S'touch x'\nios\nsystem\n.".getBytes(latin());
        refused(byInstance, "uses the pickle instruction 0x53, for which torch.save has no use");
        byte[] bare = "\u0080\u0002(ios\nsystem\n.".getBytes(latin());
        refused(bare, "tries to construct os.system");
        byte[] stacked =
                "\u0080\u0004X\u0002\0\0\0osX\u0006\0\0\0system\u0093X\u0001\0\0\0x\u0085R."
                        .getBytes(latin());
        refused(stacked, "tries to construct os.system");
        byte[] extension = "\u0080\u0002\u0082\u0001.".getBytes(latin());
        refused(extension, "uses the pickle instruction 0x82");
    }

    private static java.nio.charset.Charset latin() {
        return StandardCharsets.ISO_8859_1;
    }

    @Test
    void settingsBesideTheModelAreNamesOnly() throws IOException {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("args", new Built("argparse", "Namespace", Map.of("lr", 0.1, "epochs", 800)));
        root.put("device", new Call("torch", "device", List.of("cuda", 0)));
        root.put("out", new Call("pathlib", "PosixPath", List.of("a", "b")));
        root.put("epoch", 3L);
        try (TensorFile file = TensorFile.open(new TorchZip().write(file(), root))) {
            assertThat(file.beside())
                    .isEqualTo(
                            Map.of(
                                    "args", "argparse.Namespace",
                                    "device", "torch.device",
                                    "out", "pathlib.PosixPath"));
        }
    }

    @Test
    void whatTorchAndTrainersLeaveBesideAModelIsNamedAtMost() throws IOException {
        TorchZip zip = new TorchZip().storage("0", floats(1, 2)).storage("1", floats(3));
        Object view = TorchZip.view("Float", "0", 2, 0, new long[] {2}, 1);
        Call hooks = new Call("collections", "OrderedDict", List.of());
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("size", new Call("torch", "Size", List.of((Object) new Object[] {1, 2})));
        root.put("dtype", new Name("torch", "float16"));
        root.put("version", new Built("torch.torch_version", "TorchVersion", Map.of()));
        root.put(
                "parameter",
                new Call(
                        "torch._utils",
                        "_rebuild_parameter_with_state",
                        List.of(view, true, hooks, Map.of("is_dist", true))));
        root.put(
                "tagged",
                new Call(
                        "torch._tensor",
                        "_rebuild_from_type_v2",
                        List.of(
                                new Name("torch._utils", "_rebuild_tensor_v2"),
                                new Name("torch", "Tensor"),
                                ((Call) view).arguments().toArray(),
                                Map.of("tag", 1))));
        root.put("config", new Built("yacs.config", "CfgNode", Map.of("a", 1)));
        root.put(
                "curve",
                new Built("mmengine.logging.history_buffer", "HistoryBuffer", Map.of("a", 1)));
        root.put(
                "callbacks",
                Map.of(
                        "checkpoint",
                        new Name(
                                "pytorch_lightning.callbacks.model_checkpoint",
                                "ModelCheckpoint")));
        try (TensorFile file = TensorFile.open(zip.write(file(), root))) {
            assertThat(numbers(file, "parameter")).containsExactly(1, 2);
            assertThat(numbers(file, "tagged")).containsExactly(1, 2);
            assertThat(file.tensors()).hasSize(2);
            assertThat(file.beside())
                    .isEqualTo(
                            Map.of(
                                    "size", "torch.Size",
                                    "dtype", "torch.float16",
                                    "version", "torch.torch_version.TorchVersion",
                                    "curve", "mmengine.logging.history_buffer.HistoryBuffer",
                                    "callbacks.checkpoint",
                                            "pytorch_lightning.callbacks.model_checkpoint"
                                                    + ".ModelCheckpoint"));
        }
    }

    @Test
    void aModelInADefaultdictIsFound() throws IOException {
        byte[] pickle =
                "\u0080\u0002ccollections\ndefaultdict\nc__builtin__\nlist\n\u0085RX\u0001\0\0\0w"
                        .getBytes(latin());
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.writeBytes(pickle);
        byte[] view = PickleBytes.of(TorchZip.view("Float", "0", 2, 0, new long[] {2}, 1));
        whole.write(view, 2, view.length - 3); // without its own beginning and end
        whole.writeBytes("s.".getBytes(latin()));
        Path file = new TorchZip().storage("0", floats(1, 2)).write(file(), whole.toByteArray());
        try (TensorFile read = TensorFile.open(file)) {
            assertThat(numbers(read, "w")).containsExactly(1, 2);
        }
    }

    private Path saved(byte[] before, boolean asTorch, byte[] after) throws IOException {
        TorchZip zip = new TorchZip().storage("0", floats(1, 2));
        Object view = TorchZip.view("Float", "0", 2, 0, new long[] {2}, 1);
        byte[] bytes = Files.readAllBytes(zip.write(file(), Map.of("a", view)));
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.writeBytes(before);
        whole.writeBytes(asTorch ? TorchZip.withWideEnd(bytes) : bytes);
        whole.writeBytes(after);
        return Files.write(file(), whole.toByteArray());
    }

    @ParameterizedTest
    @CsvSource({"false, 0", "true, 0", "false, 100", "true, 100", "true, 4096", "true, 65535"})
    void whatStandsBehindTheZipIsNobodysConcern(boolean asTorch, int count) throws IOException {
        byte[] other = new byte[count];
        Arrays.fill(other, (byte) 'x');
        for (byte[] after : List.of(new byte[count], other)) {
            try (TensorFile file = TensorFile.open(saved(new byte[0], asTorch, after))) {
                assertThat(numbers(file, "a")).containsExactly(1, 2);
            }
        }
    }

    @Test
    void tooMuchBehindTheZipOrAnythingBeforeItIsRefusedAsTorchDoes() throws IOException {
        Path far = saved(new byte[0], true, new byte[65536]);
        assertThatThrownBy(() -> TensorFile.open(far))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("cut off or damaged (a zip's end is missing)");
        Path before = saved(new byte[16], true, new byte[0]);
        assertThatThrownBy(() -> TensorFile.open(before))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("is neither safetensors nor a .pth");
        Path script = saved("PK-like text".getBytes(latin()), true, new byte[0]);
        assertThatThrownBy(() -> TensorFile.open(script))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("cut off or damaged");
    }

    @Test
    void aZipThatWasPackedAgainWithCompressionIsRead() throws IOException {
        float[] values = new float[3000];
        for (int i = 0; i < values.length; i++) {
            values[i] = i % 7;
        }
        TorchZip zip = new TorchZip().deflated().storage("0", floats(values));
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("a", TorchZip.view("Float", "0", 3000, 2900, new long[] {2}, 1));
        root.put("b", TorchZip.view("Float", "0", 3000, 1, new long[] {2}, 1000));
        try (TensorFile file = TensorFile.open(zip.write(file(), root))) {
            assertThat(numbers(file, "a")).containsExactly(2900 % 7, 2901 % 7);
            assertThat(numbers(file, "b")).containsExactly(1, 1001 % 7);
        }
    }

    @Test
    void aStorageThatIsSaidToBeMoreThanItCanHoldIsRefusedBeforeMemoryIsTaken() throws IOException {
        Path file = saved(new byte[0], false, new byte[0]);
        byte[] bytes = Files.readAllBytes(file);
        int directory = new String(bytes, latin()).lastIndexOf("PK\u0001\u0002");
        Arrays.fill(bytes, directory + 24, directory + 28, (byte) 0x7f); // its size
        Files.write(file, bytes);
        assertThatThrownBy(() -> TensorFile.open(file))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("archive/data/0 in it cannot have 2139062143 bytes in 8");
    }

    @Test
    void aTensorThatMakesVeryMuchOfAFewNumbersIsRefused() throws IOException {
        Map<String, Object> root =
                Map.of("a", TorchZip.view("Float", "0", 2, 0, new long[] {100_000, 100_000}, 0, 0));
        Path file = new TorchZip().storage("0", floats(1, 2)).write(file(), root);
        assertThatThrownBy(() -> TensorFile.open(file))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("makes very much of 2 elements");
    }

    @Test
    void aDamagedPickleSaysWhere() throws IOException {
        byte[] good = PickleBytes.of(Map.of("epoch", 1));
        refused(Arrays.copyOf(good, good.length - 4), "has a damaged pickle: at byte ");
        refused("no pickle".getBytes(latin()), "uses the pickle instruction 0x6e");
        refused("\u0080\u0002R.".getBytes(latin()), "finds other values than it needs");
        refused("\u0080\u0002X\u00ff\u00ff\u00ff\u007f.".getBytes(latin()), "goes beyond the end");
        refused(
                "\u0080\u0002]q\u0000}q\u0001h\u0000K\u0001s.".getBytes(latin()),
                "a key of a dictionary");
    }

    @Test
    void valuesThatNestForeverAreRefused() throws IOException {
        byte[] cycle = "\u0080\u0002}q\u0000X\u0001\0\0\0xh\u0000s.".getBytes(latin());
        Path file = new TorchZip().write(file(), cycle);
        assertThatThrownBy(() -> TensorFile.open(file))
                .hasMessageContaining("nests more values than a checkpoint does");
    }

    @Test
    void aTensorBeyondItsStorageIsRefused() throws IOException {
        Path file =
                new TorchZip()
                        .storage("0", floats(1, 2))
                        .write(
                                file(),
                                Map.of("a", TorchZip.view("Float", "0", 2, 1, new long[] {2}, 1)));
        assertThatThrownBy(() -> TensorFile.open(file))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(
                        "a tensor of shape [2], strides [1] and offset 1 does not lie in its"
                                + " storage of 2 elements");
    }

    @Test
    void aStorageThatIsNotThereOrOfAnotherLengthIsNamedWithItsTensor() throws IOException {
        Object view = TorchZip.view("Float", "0", 2, 0, new long[] {2}, 1);
        Path none = new TorchZip().write(file(), Map.of("model", Map.of("a", view)));
        assertThatThrownBy(() -> TensorFile.open(none))
                .hasMessage(
                        none
                                + ": tensor model.a should be in archive/data/0, which is not"
                                + " there");
        Path shorter = new TorchZip().storage("0", floats(1)).write(file(), Map.of("a", view));
        assertThatThrownBy(() -> TensorFile.open(shorter))
                .hasMessage(
                        shorter
                                + ": archive/data/0 has 4 bytes; tensor a says it has 2 elements of"
                                + " F32, 8 bytes");
    }

    @Test
    void aFileThatIsCutOffIsNamed() throws IOException {
        TorchZip zip = new TorchZip().storage("0", floats(1, 2));
        Object view = TorchZip.view("Float", "0", 2, 0, new long[] {2}, 1);
        byte[] whole = Files.readAllBytes(zip.write(file(), Map.of("a", view)));
        Files.write(file(), Arrays.copyOf(whole, whole.length / 2));
        assertThatThrownBy(() -> TensorFile.open(file()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("begins as a .pth does, but is cut off or damaged");
    }

    @Test
    void filesOfOtherKindsAreNamed() throws IOException {
        byte[] legacy = PickleBytes.of(Map.of());
        assertThatThrownBy(() -> TensorFile.open(Files.write(file(), legacy)))
                .hasMessageContaining("was written by torch before 1.6, or as a bare pickle");
        assertThatThrownBy(() -> TensorFile.open(Files.writeString(file(), "this is a text")))
                .hasMessageContaining("is neither safetensors nor a .pth of torch.save")
                .hasMessageContaining("74 68 69 73 20 69 73 20");
        Path big = new TorchZip().entry("byteorder", "big").write(file(), Map.of());
        assertThatThrownBy(() -> TensorFile.open(big)).hasMessageContaining("big-endian numbers");
        assertThatThrownBy(() -> TensorFile.open(folder.resolve("none.pth")))
                .hasMessage(folder.resolve("none.pth") + " does not exist");
        assertThatThrownBy(() -> TensorFile.open(folder)).hasMessageContaining("is a folder");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).hasSize(1);
        }
    }
}
