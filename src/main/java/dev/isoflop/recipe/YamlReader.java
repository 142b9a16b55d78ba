package dev.isoflop.recipe;

import dev.isoflop.fault.InputException;

import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingEndEvent;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceEndEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BiFunction;

/// YAML text to values: tables, lists and words, and nothing else that YAML can do.
///
/// Anchors, aliases and tags are refused, so that a recipe means what it shows and cannot unfold
/// into more than its file holds.
final class YamlReader {

    /// Far deeper than any recipe, far shallower than the stack.
    private static final int DEEPEST = 32;

    private static final int LONGEST_KEY = 200; // letters; those of --set have dots in them

    private final String yaml;
    private final BiFunction<Integer, Integer, String> place; // line and column, both from 1
    private final Iterator<Event> events;

    private YamlReader(String yaml, BiFunction<Integer, Integer, String> place) {
        this.yaml = yaml;
        this.place = place;
        this.events =
                new Parse(
                                LoadSettings.builder()
                                        .setCodePointLimit(Integer.MAX_VALUE)
                                        .setBufferSize(
                                                yaml.length() + 2) // one read: between two of them
                                        // the library loses its way in a character of two units
                                        .build())
                        .parseString(yaml)
                        .iterator();
    }

    /// The one document of a YAML text, or nothing if it holds none.
    ///
    /// @param place names a line and a column, both counted from 1, in error messages
    /// @throws InputException where the text is not YAML, or not the plain YAML of a recipe
    static Optional<Value> document(String yaml, BiFunction<Integer, Integer, String> place) {
        var reader = new YamlReader(yaml, place);
        try {
            return reader.document();
        } catch (MarkedYamlEngineException e) {
            throw reader.syntaxFault(e);
        } catch (ReaderException e) {
            throw reader.characterFault(e);
        } catch (YamlEngineException e) {
            throw new InputException(place.apply(1, 1) + "  is not YAML: " + e.getMessage(), e);
        }
    }

    private Optional<Value> document() {
        Optional<Value> root = Optional.empty();
        while (events.hasNext()) {
            Event event = events.next();
            if (event instanceof DocumentStartEvent) {
                if (root.isPresent()) {
                    throw fault(event, "a second document begins; a recipe is one document");
                }
                root = Optional.of(value(events.next(), 0));
            }
        }
        return root;
    }

    private Value value(Event event, int depth) {
        if (event instanceof AliasEvent alias) {
            throw fault(event, "*" + alias.getAlias() + " is an alias; write the value out");
        }
        refuseAnchorsAndTags(event);
        if (depth > DEEPEST) {
            throw fault(event, "is nested more than " + DEEPEST + " levels deep");
        }
        return switch (event) {
            case ScalarEvent scalar -> {
                refuseControlCharacters(scalar);
                yield new Value.Scalar(scalar.getValue(), scalar.isPlain(), where(event));
            }
            case SequenceStartEvent _ -> sequence(event, depth);
            case MappingStartEvent _ -> mapping(event, depth);
            default -> throw new IllegalStateException("unexpected in YAML: " + event);
        };
    }

    /// No key, name, path or sentence has any but tabs and ends of lines, however it was written.
    private void refuseControlCharacters(ScalarEvent scalar) {
        OptionalInt found =
                scalar.getValue()
                        .codePoints()
                        .filter(c -> Character.isISOControl(c) && "\t\n\r\u0085".indexOf(c) < 0)
                        .findFirst();
        if (found.isPresent()) {
            throw fault(
                    scalar,
                    "there is the control character U+%04X; remove it".formatted(found.getAsInt()));
        }
    }

    private void refuseAnchorsAndTags(Event event) {
        if (event instanceof NodeEvent node && node.getAnchor().isPresent()) {
            throw fault(event, "&" + node.getAnchor().get() + " is an anchor; leave it out");
        }
        Optional<String> tag =
                switch (event) {
                    case ScalarEvent scalar -> scalar.getTag();
                    case SequenceStartEvent sequence -> sequence.getTag();
                    case MappingStartEvent mapping -> mapping.getTag();
                    default -> Optional.empty();
                };
        if (tag.isPresent()) {
            throw fault(event, "has the tag " + tag.get() + "; leave it out");
        }
    }

    private Value.Sequence sequence(Event start, int depth) {
        List<Value> items = new ArrayList<>();
        for (Event next = events.next();
                !(next instanceof SequenceEndEvent);
                next = events.next()) {
            items.add(value(next, depth + 1));
        }
        return new Value.Sequence(items, where(start));
    }

    private Value.Mapping mapping(Event start, int depth) {
        var entries = new LinkedHashMap<String, Value.Entry>();
        for (Event next = events.next(); !(next instanceof MappingEndEvent); next = events.next()) {
            if (!(value(next, depth + 1) instanceof Value.Scalar key) || key.text().isEmpty()) {
                throw fault(next, "is no key; write a word, such as seed: 1");
            }
            if (key.text().length() > LONGEST_KEY) {
                throw fault(
                        next,
                        "is a key of %,d letters; is this another file?"
                                .formatted(key.text().length()));
            }
            Value value = value(events.next(), depth + 1);
            Value.Entry first =
                    entries.putIfAbsent(key.text(), new Value.Entry(value, key.where()));
            if (first != null) {
                throw fault(next, key.text() + " is here twice; the first is at " + first.where());
            }
        }
        return new Value.Mapping(entries, where(start));
    }

    private InputException syntaxFault(MarkedYamlEngineException e) {
        Mark mark = e.getProblemMark().or(e::getContextMark).orElseThrow(() -> e);
        int at =
                yaml.offsetByCodePoints(
                        0, Math.min(mark.getIndex(), yaml.codePointCount(0, yaml.length())));
        if (at < yaml.length() && yaml.charAt(at) == '\t') {
            return new InputException(where(mark) + "  there is a tab; indent with spaces", e);
        }
        String context =
                e.getContextMark()
                        .filter(begun -> begun.getLine() != mark.getLine())
                        .map(begun ->
                                " ("
                                        + e.getContext()
                                        + " begun in line "
                                        + (begun.getLine() + 1)
                                        + ")")
                        .orElse("");
        return new InputException(where(mark) + "  is not YAML: " + e.getProblem() + context, e);
    }

    private InputException characterFault(ReaderException e) {
        int before = Math.min(e.getPosition(), yaml.length());
        int line = (int) yaml.substring(0, before).chars().filter(c -> c == '\n').count() + 1;
        int column = before - yaml.lastIndexOf('\n', before - 1);
        return new InputException(
                "%s  there is the unprintable character U+%04X; remove it"
                        .formatted(place.apply(line, column), e.getCodePoint()),
                e);
    }

    private InputException fault(Event event, String complaint) {
        return new InputException(where(event) + "  " + complaint);
    }

    private String where(Event event) {
        return event.getStartMark().map(this::where).orElseGet(() -> place.apply(1, 1));
    }

    private String where(Mark mark) {
        return place.apply(mark.getLine() + 1, mark.getColumn() + 1);
    }
}
