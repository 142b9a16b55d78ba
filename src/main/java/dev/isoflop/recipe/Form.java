package dev.isoflop.recipe;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/// How a value is read, and what to write where it cannot be.
///
/// @param read the value, or nothing if it has another form
/// @param names what could have been meant, if only so much can
record Form<T>(String remedy, Function<Value, Optional<T>> read, List<String> names) {

    private static final Pattern NUMBER =
            Pattern.compile("[-+]?([0-9]+(_[0-9]+)*(\\.[0-9]*)?|\\.[0-9]+)([eE][-+]?[0-9]{1,4})?");

    private static final int LONGEST_NUMBER = 100; // in digits, more than any number here has

    static final Form<String> TEXT =
            of("write a text", value -> scalar(value).map(Value.Scalar::text));

    static final Form<Long> WHOLE =
            of("write a whole number, such as 12", value -> decimal(value).flatMap(Form::toWhole));

    static final Form<Integer> COUNT =
            of(
                    "write a whole number from 0 to " + Integer.MAX_VALUE + ", such as 12",
                    value ->
                            decimal(value)
                                    .flatMap(Form::toWhole)
                                    .filter(n -> n >= 0 && n <= Integer.MAX_VALUE)
                                    .map(Long::intValue));

    static final Form<Double> REAL =
            of(
                    "write a number, such as 0.75",
                    value -> decimal(value).map(BigDecimal::doubleValue).filter(Double::isFinite));

    static final Form<Boolean> FLAG =
            of("write true or false", value -> plain(value).flatMap(Form::toFlag));

    static final Form<List<Double>> REALS =
            of("write a list of numbers, such as [0.9, 0.95]", value -> list(value, REAL));

    static final Form<List<String>> TEXTS =
            of("write a list of texts, such as [first, second]", value -> list(value, TEXT));

    static final Form<Path> PATH =
            of(
                    "write a path, without control characters",
                    value -> scalar(value).flatMap(scalar -> toPath(scalar.text())));

    static final Form<String> NAME =
            of(
                    FolderName.REMEDY,
                    value -> scalar(value).map(Value.Scalar::text).filter(FolderName::isOne));

    static <T> Form<T> of(String remedy, Function<Value, Optional<T>> read) {
        return new Form<>(remedy, read, List.of());
    }

    static <T> Form<T> oneOf(List<T> values, Function<T, String> name) {
        List<String> names = values.stream().map(name).toList();
        return new Form<>(
                names.size() == 1
                        ? "write " + names.getFirst()
                        : "write one of " + String.join(", ", names),
                value ->
                        scalar(value)
                                .map(scalar -> names.indexOf(scalar.text()))
                                .filter(at -> at >= 0)
                                .map(values::get),
                names);
    }

    static <T> Form<List<T>> someOf(List<T> values, Function<T, String> name) {
        Form<T> one = oneOf(values, name);
        return of(
                "write a list of "
                        + String.join(", ", one.names())
                        + ", each once at most and one at least",
                value ->
                        list(value, one)
                                .filter(chosen ->
                                        !chosen.isEmpty()
                                                && Set.copyOf(chosen).size() == chosen.size()));
    }

    private static Optional<Value.Scalar> scalar(Value value) {
        return value instanceof Value.Scalar scalar ? Optional.of(scalar) : Optional.empty();
    }

    private static Optional<String> plain(Value value) {
        return scalar(value).filter(Value.Scalar::plain).map(Value.Scalar::text);
    }

    private static Optional<BigDecimal> decimal(Value value) {
        return plain(value)
                .filter(text -> text.length() <= LONGEST_NUMBER && NUMBER.matcher(text).matches())
                .map(text -> new BigDecimal(text.replace("_", "")));
    }

    private static Optional<Long> toWhole(BigDecimal number) {
        try {
            return Optional.of(number.longValueExact());
        } catch (ArithmeticException e) {
            return Optional.empty();
        }
    }

    private static Optional<Boolean> toFlag(String text) {
        return switch (text) {
            case "true" -> Optional.of(true);
            case "false" -> Optional.of(false);
            default -> Optional.empty();
        };
    }

    private static Optional<Path> toPath(String text) {
        if (text.codePoints().anyMatch(Character::isISOControl)) {
            return Optional.empty();
        }
        return Optional.of(
                Path.of(text)); // what only this system's charset refuses is told as such
    }

    private static <T> Optional<List<T>> list(Value value, Form<T> form) {
        if (!(value instanceof Value.Sequence sequence)) {
            return Optional.empty();
        }
        List<T> items = new ArrayList<>();
        for (Value item : sequence.items()) {
            Optional<T> read = form.read().apply(item);
            if (read.isEmpty()) {
                return Optional.empty();
            }
            items.add(read.get());
        }
        return Optional.of(List.copyOf(items));
    }
}
