package dev.isoflop.run;

import org.jspecify.annotations.Nullable;

import java.math.BigInteger;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// What an encoder was before it was fine-tuned, and what that had cost.
///
/// @param from as it was asked for: a run's folder, a file, or "scratch"
/// @param method that pre-trained it, by its name in recipes; null where there was none, or it is
///   not known
/// @param data that it was pre-trained on; null likewise
/// @param network its size and kind, as they stand in an encoder's file: `vit.width` and so on
/// @param file that held it; null for scratch
/// @param sha256 of that file, if it is known
/// @param flops that pre-training had spent by then, convention matmul, scope total; null if not
///   known, and no part of any figure of the fine-tuning
/// @param seconds of pre-training by then; null if not known
public record Origin(
        String from,
        @Nullable String method,
        @Nullable String data,
        Map<String, String> network,
        @Nullable String file,
        @Nullable String sha256,
        @Nullable BigInteger flops,
        @Nullable Double seconds) {

    /// What `from` says of an encoder that begins with random weights.
    public static final String SCRATCH = "scratch";

    public Origin {
        network = Collections.unmodifiableMap(new LinkedHashMap<>(network));
    }
}
