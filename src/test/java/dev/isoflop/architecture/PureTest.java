package dev.isoflop.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.torch.SafetensorsHeader;
import dev.isoflop.torch.SafetensorsLayout;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// Planning and pricing load no class of the native library: counted in a JVM of their own.
class PureTest {

    private static final long PATIENCE_SECONDS = 60;

    @TempDir Path folder;

    /// What a process printed, and which classes it loaded of native libraries and of Java's own
    /// windows and fonts.
    private record Outcome(
            int status,
            String out,
            String err,
            List<String> nativeClasses,
            List<String> windowClasses) {}

    @Test
    void aPlanIsPrintedWithoutTheNativeLibrary() throws Exception {
        Outcome plan = isoflop("plan", "recipes/demo/mae.yaml");

        assertThat(plan.err).isEmpty();
        assertThat(plan.status).isZero();
        assertThat(plan.out).contains("steps", "convention  matmul").contains("patch embedding");
        assertThat(plan.nativeClasses).isEmpty();
    }

    @Test
    void aWholeStudyIsPricedWithoutTheNativeLibrary() throws Exception {
        String page = folder.resolve("page.html").toString();
        Outcome plan = isoflop("plan", "recipes/paper", "--json", "--page", page);

        assertThat(plan.err).isEmpty();
        assertThat(plan.status).isZero();
        assertThat(plan.out).contains("clip-jft-b-16-mini-250000-steps").contains("\"kgCO2e\"");
        assertThat(Path.of(page)).exists();
        assertThat(plan.nativeClasses).isEmpty();
    }

    @Test
    void methodsAreComparedWithoutTheNativeLibrary() throws Exception {
        Outcome compared = isoflop("plan", "--budget", "1e20", "--compare");

        assertThat(compared.err).isEmpty();
        assertThat(compared.out).contains("supervised");
        assertThat(compared.nativeClasses).isEmpty();
    }

    @Test
    void aProfileIsPrintedWithoutTheNativeLibrary() throws Exception {
        Outcome profile = isoflop("profile", "--method", "mae", "--encoder", "B/16", "--json");

        assertThat(profile.err).isEmpty();
        assertThat(profile.status).isZero();
        assertThat(profile.out).contains("\"parameters\" : 111907840");
        assertThat(profile.nativeClasses).isEmpty();
    }

    @Test
    void anEncoderIsConvertedWithoutTheNativeLibrary() throws Exception {
        Path file = folder.resolve("in.safetensors");
        SafetensorsLayout.Form form =
                new SafetensorsLayout.Form(SafetensorsHeader.Dtype.F32, List.of(4L));
        byte[] header = SafetensorsLayout.of(Map.of("a", form), Map.of()).header();
        Files.write(file, Arrays.copyOf(header, header.length + 16));
        Outcome convert = isoflop("convert", file.toString());

        assertThat(convert.err).contains("holds no vision transformer").contains("1 tensors are a");
        assertThat(convert.nativeClasses).isEmpty();
    }

    @Test
    void everyMethodIsPricedAndDrawnWithoutTheNativeLibraryOrWindows() throws Exception {
        Path figure = folder.resolve("figure.svg");
        Outcome profile = isoflop("profile", "--all", "--svg", figure.toString());

        assertThat(profile.err).isEmpty();
        assertThat(profile.status).isZero();
        assertThat(profile.out).contains("MAE 75%", "DINO");
        assertThat(figure).content().startsWith("<svg").endsWith("</svg>");
        assertThat(profile.nativeClasses).isEmpty();
        assertThat(profile.windowClasses).isEmpty();
    }

    @Test
    void helpIsPrintedWithoutTheNativeLibrary() throws Exception {
        Outcome help = isoflop("--help");

        assertThat(help.status).isZero();
        assertThat(help.out).contains("isoflop VERB");
        assertThat(help.nativeClasses).isEmpty();
    }

    @Test
    void aTracedProfileDoesLoadItSoTheCountCounts() throws Exception {
        Outcome traced =
                isoflop(
                        "profile",
                        "--encoder",
                        "Ti/16",
                        "--image",
                        "32",
                        "--batch",
                        "1",
                        "--trace");

        assertThat(traced.nativeClasses).contains("org.bytedeco.pytorch.Tensor");
    }

    private Outcome isoflop(String... arguments) throws IOException, InterruptedException {
        Path loaded = folder.resolve("loaded.log");
        Path out = folder.resolve("out.txt");
        Path err = folder.resolve("err.txt");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xlog:class+load:file=" + loaded);
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add("dev.isoflop.cli.Isoflop");
        command.addAll(List.of(arguments));
        Process process =
                new ProcessBuilder(command)
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile())
                        .start();
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).as("it ends").isTrue();
        try (Stream<String> lines = Files.lines(loaded)) {
            List<String> classes =
                    lines.map(line -> line.replaceFirst("^(\\[[^]]*])+ ", ""))
                            .map(line -> line.replaceFirst(" .*", ""))
                            .toList();
            return new Outcome(
                    process.exitValue(),
                    Files.readString(out),
                    Files.readString(err),
                    classes.stream().filter(name -> name.startsWith("org.bytedeco.")).toList(),
                    classes.stream()
                            .filter(name -> name.matches("(java|sun)\\.awt\\..*"))
                            .toList());
        }
    }
}
