package dev.isoflop.profile;

import dev.isoflop.budget.Work;

import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// One step: parameters and FLOPs by formula and, if asked, what it executed.
///
/// @param perImage the price of an image
/// @param executed the executed bill, if there is one
record StepProfile(TracedStep step, Work perImage, Optional<ExecutedTable> executed)
        implements Profile {

    @Override
    public String text() {
        return byFormula() + executed.map(table -> "\n" + table.text()).orElse("");
    }

    private String byFormula() {
        return String.format(
                Locale.ROOT,
                """
                %s, %s, images of %d, %d a step
                parameters  %,d, of these %,d in the encoder (fixed positions included)
                per image   %,d FLOP: forward %,d, backward %,d
                per step    %,d FLOP = %s
                convention  matmul, total over all devices, multiply-add = 2

                %s\
                """,
                step.config().name(),
                step.shape().name(),
                step.shape().image(),
                step.batch(),
                step.config().parameters(step.shape()),
                step.shape().parameters(),
                perImage.flops(),
                perImage.of("forward"),
                perImage.of("backward"),
                step.price(),
                Work.readable(step.price()),
                perImage.explain());
    }

    @Override
    public Map<String, Object> json() {
        Map<String, BigInteger> parts = new LinkedHashMap<>();
        for (Work direction : perImage.parts()) {
            for (Work part : direction.parts()) {
                parts.merge(part.name(), part.flops(), BigInteger::add);
            }
        }
        Map<String, Object> matmul = new LinkedHashMap<>();
        matmul.put("perImage", perImage.flops());
        matmul.put("perStep", step.price());
        matmul.put("forward", perImage.of("forward"));
        matmul.put("backward", perImage.of("backward"));
        matmul.put("parts", parts);
        executed.ifPresent(table -> {
            matmul.put("traced", table.executed().bill().total().cost().matmul());
            matmul.put("again", step.recomputed()); // of the traced
        });
        Map<String, Object> flops = new LinkedHashMap<>();
        flops.put("unit", "FLOP");
        flops.put("scope", "total; forward, backward and parts are per image");
        flops.put("matmul", matmul);
        executed.ifPresent(table -> flops.put("executed", table.json()));
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("method", step.config().name());
        root.put("encoder", step.shape().name());
        root.put("image", step.shape().image());
        root.put("batch", step.batch());
        root.put("parameters", step.config().parameters(step.shape()));
        root.put("encoderParameters", step.shape().parameters());
        root.put("flops", flops);
        root.put("derivation", perImage);
        return root;
    }

    /// Where FLOPs go, if it executed something.
    @Override
    public Optional<String> picture() {
        String title =
                String.format(
                        Locale.ROOT,
                        "%s, %s, images of %d, %,d a step",
                        step.config().name(),
                        step.shape().name(),
                        step.shape().image(),
                        step.batch());
        return executed.map(table -> FlameGraph.of(table.executed().bill(), title));
    }
}
