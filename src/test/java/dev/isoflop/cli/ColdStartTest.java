package dev.isoflop.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// A fresh JVM on an empty cache of natives starts, which without `LibTorch` ends in a crash.
class ColdStartTest {

    @TempDir private Path folder;

    @Test
    void doctorStartsOnAnEmptyNativeCache() throws Exception {
        Path cache = Files.createDirectory(folder.resolve("cache"));
        ChildJvm child =
                ChildJvm.start(
                        folder,
                        List.of("-Dorg.bytedeco.javacpp.cachedir=" + cache),
                        "doctor",
                        "--json");
        int status = child.status();
        assertThat(status).as(child.err() + child.out()).isIn(0, Isoflop.FAILED);
        JsonNode facts = new JsonMapper().readTree(child.out());
        assertThat(facts.get("libtorch").asString()).contains(cache.toString());
        assertThat(facts.get("cpu f32 products").asDouble()).isGreaterThan(1e9);
        assertThat(facts.get("cpu bf16 products").asDouble()).isGreaterThan(1e8);
        assertThat(facts.has("simd")).isTrue();
        assertThat(facts.has("memory available")).isTrue();
    }
}
