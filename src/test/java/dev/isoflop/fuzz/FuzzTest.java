package dev.isoflop.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.sun.management.ThreadMXBean;

import dev.isoflop.fault.InputException;
import dev.isoflop.fault.RunException;
import dev.isoflop.image.BrokenImageException;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/// Whatever a file holds, its reader reads it or says in the user's words why not: no crash, no
/// hang, no huge allocation, no other exception, no Java in the message.
///
/// `-Dfuzz=N` breaks each input N times instead of {@link #ROUNDS}; `-Dfuzz.seed=S` draws others.
/// What fails is told with seed and number, and lies in `target/fuzz`.
class FuzzTest {

    private static final int ROUNDS = Integer.getInteger("fuzz", 250);
    private static final long SEED = Long.getLong("fuzz.seed", 1);
    private static final Duration LONGEST = Duration.ofSeconds(20); // on a machine that is busy
    private static final long MOST_BYTES = 128L << 20; // of which a reader may take all
    private static final int LONGEST_MESSAGE = 20_000;
    private static final int CUTS = 24;
    private static final int SHOWN = 5;

    /// What only a Java programmer understands: names of classes, and what libraries tell of them.
    private static final Pattern JAVA =
            Pattern.compile(
                    "\\b(javax?|sun|jdk|tools\\.jackson|org\\.[a-z]+|net\\.razorvine|dev\\.isoflop)"
                        + "\\.[a-zA-Z]|\\b[A-Z]\\w+Exception\\b|\\[L?java|@[0-9a-f]{6,8}\\b|JsonToken|Feature\\.|StreamRead");

    @TempDir private Path folder = Path.of("");

    static List<Input> inputs() {
        return Inputs.all();
    }

    @ParameterizedTest
    @MethodSource("inputs")
    void theValidInputIsRead(Input input) throws IOException {
        Path file = write(input, input.valid());
        assertThatCode(() -> input.reader().read(file)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @MethodSource("inputs")
    void aBrokenInputIsReadOrRefusedInTheUsersWords(Input input) throws Exception {
        Map<String, String> faults = new LinkedHashMap<>();
        for (int i = 0; i < ROUNDS && faults.size() < SHOWN; i++) {
            byte[] broken = Mutation.some(input.valid(), random(input, i));
            Fault fault = fault(input, broken);
            if (fault != null && !faults.containsKey(fault.kind)) {
                faults.put(fault.kind, report(input, i, broken, fault.what));
            }
        }
        assertThat(faults.values()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("inputs")
    void anInputWithoutItsEndIsNeverTakenForAWholeOne(Input input) throws Exception {
        int length = input.valid().length;
        List<String> faults = new ArrayList<>();
        for (int cut = 0; cut < CUTS; cut++) {
            int end =
                    cut < CUTS / 2
                            ? Math.max(0, length - 1 - cut)
                            : random(input, cut).nextInt(length);
            byte[] shorter = Arrays.copyOf(input.valid(), end);
            Fault fault = fault(input, shorter);
            if (fault != null) {
                faults.add(report(input, cut, shorter, "cut at " + end + ": " + fault.what));
            } else if (input.loss() == Input.Loss.IS_REFUSED && isRead(input, shorter)) {
                faults.add(report(input, cut, shorter, "cut at " + end + " it is read"));
            }
        }
        assertThat(faults.subList(0, Math.min(SHOWN, faults.size()))).isEmpty();
    }

    @Test
    void theSameSeedBreaksTheSameBytes() {
        Input input = inputs().getFirst();
        byte[] once = Mutation.some(input.valid(), random(input, 3));
        assertThat(Mutation.some(input.valid(), random(input, 3))).isEqualTo(once);
        assertThat(Mutation.some(input.valid(), random(input, 4))).isNotEqualTo(once);
    }

    private static Random random(Input input, int number) {
        return new Random(SEED * 1_000_003 + input.name().hashCode() * 31L + number);
    }

    private Path write(Input input, byte[] bytes) throws IOException {
        Path file = folder.resolve(input.file());
        Files.createDirectories(file.resolveSibling(""));
        return Files.write(file, bytes);
    }

    private boolean isRead(Input input, byte[] bytes) throws IOException {
        Path file = write(input, bytes);
        try {
            input.reader().read(file);
            return true;
        } catch (Exception _) {
            return false;
        }
    }

    /// What a reader must not do.
    ///
    /// @param kind the same for faults that are probably one
    private record Fault(String kind, String what) {}

    /// What an attempt came to.
    private record Attempt(@Nullable Throwable thrown, long bytes) {}

    private @Nullable Fault fault(Input input, byte[] broken) throws Exception {
        Path file = write(input, broken);
        FutureTask<Attempt> task = new FutureTask<>(() -> attempt(input, file));
        Thread thread = Thread.ofPlatform().daemon().name("fuzz").start(task);
        Attempt attempt;
        try {
            attempt = task.get(LONGEST.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException _) {
            String where = Arrays.toString(thread.getStackTrace());
            return new Fault("hang", "is not done after " + LONGEST + ": " + where);
        }
        if (attempt.bytes > MOST_BYTES + 100L * broken.length) {
            return new Fault("memory", "takes " + attempt.bytes + " bytes of memory");
        }
        return attempt.thrown == null ? null : fault(attempt.thrown);
    }

    private static Attempt attempt(Input input, Path file) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        Throwable thrown = null;
        try {
            input.reader().read(file);
        } catch (Throwable e) { // an error is a fault like any other
            thrown = e;
        }
        return new Attempt(thrown, threads.getCurrentThreadAllocatedBytes() - before);
    }

    private static @Nullable Fault fault(Throwable thrown) {
        boolean told =
                thrown instanceof InputException
                        || thrown instanceof RunException
                        || thrown instanceof BrokenImageException;
        String message = String.valueOf(thrown.getMessage());
        if (!told) {
            return new Fault(thrown.getClass() + " " + place(thrown), thrown + " " + trace(thrown));
        }
        if (thrown.getMessage() == null || message.isBlank() || JAVA.matcher(message).find()) {
            return new Fault("Java " + place(thrown), "speaks Java: " + message + trace(thrown));
        }
        if (message.length() > LONGEST_MESSAGE) {
            String what = "says " + message.length() + " characters: " + message.substring(0, 200);
            return new Fault("long", what + trace(thrown));
        }
        return null;
    }

    private static String place(Throwable thrown) {
        return Arrays.stream(thrown.getStackTrace())
                .filter(it -> it.getClassName().startsWith("dev.isoflop"))
                .findFirst()
                .map(StackTraceElement::toString)
                .orElse("");
    }

    private static String trace(Throwable thrown) {
        StringBuilder trace = new StringBuilder();
        for (Throwable it = thrown; it != null; it = it.getCause()) {
            trace.append("\n    ").append(it.getClass().getName());
            Arrays.stream(it.getStackTrace())
                    .limit(8)
                    .forEach(at -> trace.append("\n        at ").append(at));
        }
        return trace.toString();
    }

    private static String report(Input input, int number, byte[] bytes, String what)
            throws IOException {
        Path kept = Path.of("target", "fuzz");
        Files.createDirectories(kept);
        String name = input.name().replace(' ', '-') + "-" + SEED + "-" + number + ".bin";
        Files.write(kept.resolve(name), bytes);
        return "%s, seed %d, number %d (%s): %s"
                .formatted(input, SEED, number, kept.resolve(name), what);
    }
}
