package dev.isoflop.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.isoflop.fault.InputException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// What Python and numpy themselves write beside a model is read, under each protocol that
/// torch.save can be asked for.
///
/// The pickles are Python's own (`python-pickles.json` says of which release), of `{"x": value}`.
class PythonPicklesTest {

    @TempDir private Path folder = Path.of("");

    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Pickle(String name, int protocol, String told, byte[] bytes) {

        @Override
        public String toString() {
            return name + ", protocol " + protocol;
        }
    }

    private static List<Pickle> pickles(String list, String told) throws IOException {
        try (InputStream in = PythonPicklesTest.class.getResourceAsStream("python-pickles.json")) {
            JsonNode root = new JsonMapper().readTree(Objects.requireNonNull(in).readAllBytes());
            return root.get(list)
                    .valueStream()
                    .map(it ->
                            new Pickle(
                                    it.get("name").asString(),
                                    it.get("protocol").asInt(),
                                    it.get(told).asString(),
                                    Base64.getDecoder().decode(it.get("pickle").asString())))
                    .toList();
        }
    }

    static List<Pickle> read() throws IOException {
        return pickles("pickles", "beside");
    }

    static List<Pickle> refused() throws IOException {
        return pickles("refused", "because");
    }

    private Path file(byte[] pickle) throws IOException {
        return new TorchZip().write(folder.resolve("x.pth"), pickle);
    }

    @ParameterizedTest
    @MethodSource("read")
    void whatPythonWritesIsReadAndNamedUnlessItIsPlain(Pickle it) throws IOException {
        try (TensorFile file = TensorFile.open(file(it.bytes))) {
            assertThat(file.tensors()).isEmpty();
            assertThat(file.beside())
                    .isEqualTo(it.told.isEmpty() ? Map.of() : Map.of("x", it.told));
        }
    }

    @ParameterizedTest
    @MethodSource("refused")
    void whatCouldBeAnythingIsRefused(Pickle it) throws IOException {
        Path file = file(it.bytes);
        assertThatThrownBy(() -> TensorFile.open(file))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith(file + " ")
                .hasMessageContaining(it.told)
                .hasMessageEndingWith("; nothing was executed");
    }

    @Test
    void everyKindIsHereUnderTheProtocolOfTorchAndTheNewest() throws IOException {
        for (Pickle it : read()) {
            assertThat(read())
                    .anyMatch(other -> other.name.equals(it.name) && other.protocol == 2)
                    .anyMatch(other -> other.name.equals(it.name) && other.protocol == 5);
        }
    }

    @Test
    void aPickleThatEndsTooEarlyIsNeverTakenForAWholeOne() throws IOException {
        for (Pickle it : read()) {
            for (int length = 0; length < it.bytes.length; length += 1 + it.bytes.length / 50) {
                Path file = file(Arrays.copyOf(it.bytes, length));
                assertThatThrownBy(() -> TensorFile.open(file))
                        .as("%s, cut at %s", it, length)
                        .isInstanceOf(InputException.class)
                        .hasMessageContaining("has a damaged pickle")
                        .hasMessageNotContaining("java.")
                        .hasMessageNotContaining("razorvine");
            }
        }
    }
}
