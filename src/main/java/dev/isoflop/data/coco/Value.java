package dev.isoflop.data.coco;

import dev.isoflop.fault.InputException;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.TokenStreamLocation;

import java.nio.file.Path;

/// The value that a parser is at, read as what its key should have.
///
/// One rule for all keys: null says nothing, as if the key were not there, and so does NaN, which
/// is how Python writes a number that is missing. Any other value that is not what the key should
/// have is refused with its place; none is turned into something like it.
record Value(Path file, JsonParser at) {

    private static final double MOST = 0x1p53; // doubles up to here are whole numbers exactly

    /// A whole number, also where it is written 7.0; null where nothing is said.
    @Nullable Long whole() {
        if (saysNothing()) {
            return null;
        }
        if (at.currentToken() == JsonToken.VALUE_NUMBER_INT) {
            JsonParser.NumberType type = at.getNumberType();
            if (type != JsonParser.NumberType.BIG_INTEGER) {
                return at.getLongValue();
            }
        } else if (at.currentToken() == JsonToken.VALUE_NUMBER_FLOAT) {
            double number = at.getDoubleValue();
            if (number == Math.rint(number) && Math.abs(number) < MOST) {
                return (long) number;
            }
        }
        throw unfit("a whole number");
    }

    /// A number; null where nothing is said.
    @Nullable Double number() {
        if (saysNothing()) {
            return null;
        }
        if (at.currentToken().isNumeric()) {
            double number = at.getDoubleValue();
            if (Double.isFinite(number)) {
                return number;
            }
        }
        throw unfit("a number");
    }

    /// A text without spaces around it; null where nothing is said.
    @Nullable String text() {
        if (saysNothing()) {
            return null;
        }
        if (at.currentToken() != JsonToken.VALUE_STRING) {
            throw unfit("a text in double quotes");
        }
        return at.getString().strip();
    }

    /// Yes or no: 1 or 0, true or false; no where nothing is said.
    boolean flag() {
        if (saysNothing() || at.currentToken() == JsonToken.VALUE_FALSE) {
            return false;
        }
        if (at.currentToken() == JsonToken.VALUE_TRUE) {
            return true;
        }
        if (at.currentToken().isNumeric()) {
            double number = at.getDoubleValue();
            if (number == 0 || number == 1) {
                return number == 1;
            }
        }
        throw unfit("0 or 1");
    }

    private boolean saysNothing() {
        return at.currentToken() == JsonToken.VALUE_NULL
                || (at.currentToken() == JsonToken.VALUE_NUMBER_FLOAT
                        && at.isNaN()
                        && Double.isNaN(at.getDoubleValue()));
    }

    /// A complaint of a value that is not what it should be.
    InputException unfit(String wanted) {
        return fault("%s is %s; write %s".formatted(key(), found(at), wanted));
    }

    /// Where it stands, such as `annotations[3].iscrowd`; elements are counted from 0.
    private String key() {
        var path = new StringBuilder();
        for (String part : at.streamReadContext().pathAsPointer().toString().split("/", -1)) {
            if (!part.isEmpty() && part.chars().allMatch(Character::isDigit)) {
                path.append('[').append(part).append(']');
            } else if (!part.isEmpty()) {
                path.append(path.isEmpty() ? "" : ".").append(part);
            }
        }
        return path.toString();
    }

    /// What a parser is at, as it stands in the file.
    static String found(JsonParser at) {
        return switch (at.currentToken()) {
            case START_OBJECT -> "an object";
            case START_ARRAY -> "a list";
            case VALUE_STRING -> '"' + at.getString() + '"';
            default -> at.getString();
        };
    }

    /// A complaint with the file and the place in it.
    InputException fault(String complaint) {
        TokenStreamLocation place = at.currentTokenLocation();
        return new InputException(
                "%s:%d:%d  %s".formatted(file, place.getLineNr(), place.getColumnNr(), complaint));
    }
}
