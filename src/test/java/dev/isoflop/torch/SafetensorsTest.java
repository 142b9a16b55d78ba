package dev.isoflop.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.isoflop.fault.InputException;
import dev.isoflop.torch.SafetensorsHeader.Dtype;
import dev.isoflop.torch.SafetensorsHeader.Entry;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

class SafetensorsTest {

    @TempDir Path folder;

    private PointerScope scope = new PointerScope();

    @BeforeEach
    void openScope() {
        LibTorch.load();
        scope = new PointerScope();
    }

    @AfterEach
    void closeScope() {
        scope.close();
    }

    private static Tensor counting(ScalarType type, long... shape) {
        long n = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        return torch.arange(new Scalar(n)).view(shape).to(type);
    }

    private static Map<String, Tensor> some() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("weight", counting(ScalarType.Float, 2, 3));
        tensors.put("bias", counting(ScalarType.Double, 3));
        tensors.put("step", torch.scalar_tensor(new Scalar(7)).to(ScalarType.Long));
        tensors.put("nothing", torch.empty(0, 4));
        tensors.put("odd", counting(ScalarType.Byte, 3));
        tensors.put("after an odd one", counting(ScalarType.Double, 2));
        return tensors;
    }

    @Test
    void someTensorsOfAFileAreReadAndTheOthersLeft() throws IOException {
        Path file = folder.resolve("some.safetensors");
        assertThat(Safetensors.write(file, some(), Map.of())).hasSize(64);
        Map<String, Tensor> targets = new LinkedHashMap<>();
        targets.put("bias", torch.zeros_like(counting(ScalarType.Double, 3)));
        assertThat(Safetensors.readSome(file, targets)).isEmpty();
        assertThat(targets.get("bias").equal(counting(ScalarType.Double, 3))).isTrue();
        targets.put("biases", torch.zeros(3));
        assertThatThrownBy(() -> Safetensors.readSome(file, targets))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("biases is missing")
                .hasMessageNotContaining("not expected");
    }

    @ParameterizedTest
    @EnumSource(
            value = ScalarType.class,
            names = {"Double", "Float", "BFloat16", "Half", "Long", "Int", "Byte", "Bool"})
    void everyElementTypeComesBackAsItWas(ScalarType type) throws IOException {
        Tensor tensor = counting(type, 3, 5);
        Path file = folder.resolve("a.safetensors");

        Safetensors.write(file, Map.of("x", tensor), Map.of());

        Tensor back = Safetensors.read(file).getOrDefault("x", torch.empty(0));
        assertThat(back.scalar_type().intern()).isEqualTo(type);
        assertThat(back.equal(tensor)).isTrue();
    }

    @Test
    void namesShapesAndOrderComeBackAsTheyWere() throws IOException {
        Path file = folder.resolve("a.safetensors");
        Map<String, Tensor> tensors = some();

        Safetensors.write(file, tensors, Map.of("method", "mae"));

        Map<String, Tensor> back = Safetensors.read(file);
        assertThat(back.keySet()).containsExactlyElementsOf(tensors.keySet());
        tensors.forEach((name, tensor) ->
                assertThat(tensor.equal(back.getOrDefault(name, torch.empty(99))))
                        .as(name)
                        .isTrue());
    }

    @Test
    void theHeaderIsReadableByItself() throws IOException {
        Path file = folder.resolve("a.safetensors");
        Safetensors.write(file, some(), Map.of("method", "mae"));

        SafetensorsHeader header = SafetensorsHeader.read(file);

        assertThat(header.metadata()).isEqualTo(Map.of("method", "mae"));
        assertThat(header.dataStart() % 8).isZero();
        assertThat(header.tensors())
                .containsEntry("weight", new Entry(Dtype.F32, List.of(2L, 3L), 0, 24))
                .containsEntry("step", new Entry(Dtype.I64, List.of(), 48, 56));
    }

    @Test
    void theBytesAreThoseOfTheFormat() throws IOException {
        Path file = folder.resolve("a.safetensors");

        Safetensors.write(file, Map.of("a", counting(ScalarType.Int, 2)), Map.of());

        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        String header = "{\"a\":{\"dtype\":\"I32\",\"shape\":[2],\"data_offsets\":[0,8]}}";
        int padded = (header.length() + 7) / 8 * 8;
        assertThat(bytes.getLong()).isEqualTo(padded);
        byte[] json = new byte[padded];
        bytes.get(json);
        assertThat(new String(json, StandardCharsets.UTF_8).stripTrailing()).isEqualTo(header);
        assertThat(bytes.getInt()).isEqualTo(0);
        assertThat(bytes.getInt()).isEqualTo(1);
        assertThat(bytes.hasRemaining()).isFalse();
    }

    @Test
    void theSameTensorsGiveTheSameBytesAndTheirHash() throws IOException, NoSuchAlgorithmException {
        Path first = folder.resolve("1.safetensors");
        Path second = folder.resolve("2.safetensors");

        String hash = Safetensors.write(first, some(), Map.of("a", "1"));

        assertThat(Safetensors.write(second, some(), Map.of("a", "1"))).isEqualTo(hash);
        assertThat(first).hasSameBinaryContentAs(second);
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(first));
        assertThat(hash).isEqualTo(HexFormat.of().formatHex(digest));
    }

    @Test
    void aViewIsWrittenAsItReads() throws IOException {
        Path file = folder.resolve("a.safetensors");
        Tensor transposed = counting(ScalarType.Float, 2, 3).t();
        transposed.set_requires_grad(true);

        Safetensors.write(file, Map.of("x", transposed), Map.of());

        Tensor target = torch.zeros(3, 2);
        Safetensors.readInto(file, Map.of("x", target));
        assertThat(target.equal(transposed)).isTrue();
    }

    @Test
    void existingTensorsAreFilledInPlace() throws IOException {
        Path file = folder.resolve("a.safetensors");
        Safetensors.write(
                file, Map.of("x", counting(ScalarType.Float, 2, 3)), Map.of("images", "12"));
        Tensor flat = torch.zeros(10);
        Tensor inside = flat.narrow(0, 2, 6).view(2, 3);
        Tensor transposed = torch.zeros(3, 2).t();
        long address = inside.data_ptr().address();

        Map<String, String> metadata = Safetensors.readInto(file, Map.of("x", inside));
        Safetensors.readInto(file, Map.of("x", transposed));

        assertThat(metadata).isEqualTo(Map.of("images", "12"));
        assertThat(inside.data_ptr().address()).isEqualTo(address);
        assertThat(flat.sum().item_double()).isEqualTo(15);
        assertThat(transposed.equal(inside)).isTrue();
    }

    @Test
    void whatDoesNotFitIsNamedAndNothingIsCopied() throws IOException {
        Path file = folder.resolve("a.safetensors");
        Map<String, Tensor> stored = new LinkedHashMap<>();
        stored.put("good", torch.ones(2));
        stored.put("shape", torch.ones(2, 3));
        stored.put("type", torch.ones(2));
        stored.put("head.weight", torch.ones(2));
        Safetensors.write(file, stored, Map.of());
        Tensor good = torch.zeros(2);
        Map<String, Tensor> targets = new LinkedHashMap<>();
        targets.put("good", good);
        targets.put("shape", torch.zeros(3, 2));
        targets.put("type", torch.zeros(2).to(ScalarType.Double));
        targets.put("head.weigth", torch.zeros(2));

        assertThatThrownBy(() -> Safetensors.readInto(file, targets))
                .isInstanceOf(InputException.class)
                .hasMessage(
                        """
                        %s does not fit this network:
                          shape is F32[2, 3], not F32[3, 2]
                          type is F32[2], not F64[2]
                          head.weigth is missing; there is head.weight
                          head.weight is not expected\
                        """
                                .formatted(file));
        assertThat(good.sum().item_double()).isZero();
    }

    @Test
    void anElementTypeThatTheFormatLacksIsRefused() {
        Map<String, Tensor> tensors = Map.of("z", torch.zeros(2).to(ScalarType.ComplexFloat));

        assertThatThrownBy(
                        () -> Safetensors.write(folder.resolve("a.safetensors"), tensors, Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "tensor z has elements of type ComplexFloat, which isoflop does not write");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}|is too long: it holds 8 bytes of tensors, its header says 0",
                "[1]|has a header that is no JSON object",
                "{\"a\":|has a broken header: Unexpected end-of-input",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"a\":{}}|has a"
                        + " broken header: Duplicate Object property \"a\"",
                "{\"a\":{\"dtype\":\"F8\",\"shape\":[2],\"data_offsets\":[0,8]}}|: tensor a has the"
                    + " element type \"F8\"; known are [F64, F32, BF16, F16, I64, I32, U8, BOOL]",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}|: tensor a is"
                        + " F32[3] and needs 12 bytes; its data_offsets [0, 8] hold 8",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}|: tensor a has"
                        + " shape [-2]; it must be a list of whole numbers",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}|: tensor a has"
                        + " data_offsets [8, 0]; they must be begin and end",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,8]}}|:"
                    + " tensor a has the impossible shape [4611686018427387904, 4]",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}|: tensor a leaves"
                        + " a gap after the header: it begins at 4, not at 0",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"b\":{\"dtype\":"
                        + "\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}|: tensor b overlaps a: it"
                        + " begins at 4, not at 8",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,12]}}|is cut off: it"
                        + " holds 8 bytes of tensors, its header says 12 (the last is a)",
                "{\"__metadata__\":{\"n\":1}}|__metadata__.n is 1; it must be text",
            })
    void aBrokenHeaderIsExplained(String json, String complaint) throws IOException {
        Path file = folder.resolve("broken.safetensors");
        byte[] header = json.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes =
                ByteBuffer.allocate(8 + header.length + 8).order(ByteOrder.LITTLE_ENDIAN);
        Files.write(file, bytes.putLong(header.length).put(header).array());

        assertThatThrownBy(() -> SafetensorsHeader.read(file))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith(file.toString())
                .hasMessageContaining(complaint);
    }

    @Test
    void aFileOfAnotherKindIsExplained() throws IOException {
        Path text = Files.writeString(folder.resolve("text"), "this is a text, no tensors");
        Path tiny = Files.writeString(folder.resolve("tiny"), "abc");
        Path cut = folder.resolve("cut");
        Files.write(cut, new byte[] {100, 0, 0, 0, 0, 0, 0, 0, '{'});

        assertThatThrownBy(() -> Safetensors.read(text))
                .hasMessageContaining("is no safetensors file: its header would have");
        assertThatThrownBy(() -> Safetensors.read(tiny))
                .hasMessageContaining("has 3 bytes; a safetensors file begins with 8");
        assertThatThrownBy(() -> Safetensors.read(cut))
                .hasMessageContaining("ends within its header: it has 9 bytes");
        assertThatThrownBy(() -> Safetensors.read(folder.resolve("none")))
                .isInstanceOf(InputException.class)
                .hasMessage(folder.resolve("none") + " does not exist");
    }

    @Test
    void aTruncatedFileIsNamedWithItsLastTensor() throws IOException {
        Path file = folder.resolve("a.safetensors");
        Safetensors.write(file, Map.of("x", counting(ScalarType.Float, 5, 5)), Map.of());
        try (RandomAccessFile end = new RandomAccessFile(file.toFile(), "rw")) {
            end.setLength(end.length() - 1);
        }

        assertThatThrownBy(() -> Safetensors.read(file))
                .hasMessage(
                        file
                                + " is cut off: it holds 99 bytes of tensors, its header says 100"
                                + " (the last is x)");
    }
}
