package dev.isoflop.encoder;

import dev.isoflop.fault.InputException;

import net.razorvine.pickle.IObjectConstructor;
import net.razorvine.pickle.Opcodes;
import net.razorvine.pickle.PickleException;
import net.razorvine.pickle.PickleUtils;
import net.razorvine.pickle.Unpickler;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The pickle inside a `.pth`, read by an allow-list: nothing in it can be called.
///
/// A pickle is a program: it may name any function of any Python module and have it called. Here a
/// name leads to what {@link TorchNames} says, values of our own, and any other name ends the
/// reading. So does each instruction that torch.save has no use for. The library's own registry of
/// constructors is never asked.
///
/// What comes out: `LinkedHashMap`, `List` (also of sets), `Object[]` for tuples, `byte[]`,
/// numbers, texts, truth values, {@link TorchTensor}, {@link PickledNumpy}, {@link
/// TorchNames.Inert} and {@link TorchNames.Script}.
final class TorchPickle extends Unpickler {

    private static final int LONGEST_NAME = 1024; // bytes
    private static final int LONGEST_NUMBER = 1024; // bytes; a generator's state has 16

    private TorchPickle() {}

    /// Reads a pickle.
    ///
    /// @param file that it stands in, for messages
    /// @throws InputException naming what it tried to construct, or where it is damaged
    static @Nullable Object read(Path file, byte[] pickle) {
        ByteArrayInputStream in = new ByteArrayInputStream(pickle);
        try {
            return new TorchPickle().load(in);
        } catch (RefusedException e) {
            throw new InputException(file + " " + e.getMessage() + "; nothing was executed", e);
        } catch (IOException | RuntimeException e) {
            throw new InputException(
                    "%s has a damaged pickle: at byte %d of %d, %s"
                            .formatted(
                                    file, pickle.length - in.available(), pickle.length, reason(e)),
                    e);
        }
    }

    private static String reason(Exception e) {
        return switch (e) {
            case IllegalArgumentException _, PickleException _ -> String.valueOf(e.getMessage());
            case IndexOutOfBoundsException _, ClassCastException _, NullPointerException _ ->
                    "an instruction finds other values than it needs";
            case ArithmeticException _ -> "a size is beyond all bounds";
            default -> "it cannot be understood";
        };
    }

    /// What is not on the list.
    static final class RefusedException extends RuntimeException {

        private static final long serialVersionUID = 1;

        RefusedException(String what) {
            super(what);
        }
    }

    @Override
    public Object dispatch(short instruction) throws IOException {
        return switch (instruction) {
            case Opcodes.GLOBAL -> {
                String module = line();
                yield pushed(found(module, line()));
            }
            case Opcodes.STACK_GLOBAL -> {
                String name = (String) stack.pop();
                yield pushed(found((String) stack.pop(), name));
            }
            case Opcodes.REDUCE, Opcodes.NEWOBJ -> {
                Object[] arguments = (Object[]) stack.pop();
                yield pushed(((IObjectConstructor) stack.pop()).construct(arguments));
            }
            case Opcodes.NEWOBJ_EX -> {
                stack.pop(); // arguments by keyword
                Object[] arguments = (Object[]) stack.pop();
                yield pushed(((IObjectConstructor) stack.pop()).construct(arguments));
            }
            case Opcodes.BINPERSID -> pushed(TorchTensor.Storage.of((Object[]) stack.pop()));
            case Opcodes.BUILD -> {
                Object state = stack.pop();
                complete(state, stack.peek());
                yield NO_RETURN_VALUE;
            }
            case Opcodes.EMPTY_DICT -> pushed(new LinkedHashMap<>());
            case Opcodes.SETITEM -> {
                Object value = stack.pop();
                Object key = stack.pop();
                put(key, value);
                yield NO_RETURN_VALUE;
            }
            case Opcodes.SETITEMS -> {
                List<Object> pairs = stack.pop_all_since_marker();
                if (pairs.size() % 2 != 0) {
                    throw new PickleException("a key of a dictionary has no value");
                }
                for (int i = 0; i < pairs.size(); i += 2) {
                    put(pairs.get(i), pairs.get(i + 1));
                }
                yield NO_RETURN_VALUE;
            }
            case Opcodes.EMPTY_SET -> pushed(new ArrayList<>());
            case Opcodes.FROZENSET -> pushed(stack.pop_all_since_marker().toArray());
            case Opcodes.APPEND -> {
                add(Collections.singletonList(stack.pop()));
                yield NO_RETURN_VALUE;
            }
            case Opcodes.APPENDS, Opcodes.ADDITEMS -> {
                add(stack.pop_all_since_marker());
                yield NO_RETURN_VALUE;
            }
            case Opcodes.BYTEARRAY8 -> {
                long length =
                        PickleUtils.bytes_to_long(PickleUtils.readbytes(input, Long.BYTES), 0);
                requireBytes(length);
                yield pushed(PickleUtils.readbytes(input, (int) length));
            }
            case Opcodes.BINSTRING, Opcodes.BINUNICODE, Opcodes.BINBYTES, Opcodes.LONG4 ->
                    afterLength(instruction, Integer.BYTES);
            case Opcodes.BINUNICODE8, Opcodes.BINBYTES8 -> afterLength(instruction, Long.BYTES);
            case Opcodes.PROTO,
                    Opcodes.FRAME,
                    Opcodes.STOP,
                    Opcodes.MARK,
                    Opcodes.POP,
                    Opcodes.POP_MARK,
                    Opcodes.NONE,
                    Opcodes.NEWTRUE,
                    Opcodes.NEWFALSE,
                    Opcodes.BININT,
                    Opcodes.BININT1,
                    Opcodes.BININT2,
                    Opcodes.LONG1,
                    Opcodes.BINFLOAT,
                    Opcodes.SHORT_BINSTRING,
                    Opcodes.SHORT_BINUNICODE,
                    Opcodes.SHORT_BINBYTES,
                    Opcodes.EMPTY_TUPLE,
                    Opcodes.TUPLE,
                    Opcodes.TUPLE1,
                    Opcodes.TUPLE2,
                    Opcodes.TUPLE3,
                    Opcodes.EMPTY_LIST,
                    Opcodes.BINPUT,
                    Opcodes.LONG_BINPUT,
                    Opcodes.MEMOIZE,
                    Opcodes.BINGET,
                    Opcodes.LONG_BINGET ->
                    super.dispatch(instruction);
            case Opcodes.INST -> {
                String module = line();
                throw new RefusedException("tries to construct " + module + "." + line());
            }
            default ->
                    throw new RefusedException(
                            "uses the pickle instruction 0x%02x, for which torch.save has no use"
                                    .formatted(instruction));
        };
    }

    /// A name, which ends where its line does; the library takes the pickle's end for that as well.
    private String line() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int it = input.read(); it != '\n'; it = input.read()) {
            if (it < 0 || bytes.size() == LONGEST_NAME) {
                throw new PickleException("a name does not end");
            }
            bytes.write(it);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private Object pushed(Object value) {
        stack.add(value);
        return NO_RETURN_VALUE;
    }

    private static Object found(String module, String name) {
        return TorchNames.find(module, name)
                .orElseThrow(() ->
                        new RefusedException(
                                "tries to construct "
                                        + module
                                        + "."
                                        + name
                                        + ", and isoflop constructs tensors and containers only"));
    }

    /// Attributes set on an object that was made. Those of an `OrderedDict` (torch keeps versions
    /// of modules there) and of what is only a name are dropped.
    private static void complete(Object state, @Nullable Object target) {
        switch (target) {
            case TorchNames.Script script -> {
                for (Map.Entry<?, ?> entry : ((Map<?, ?>) state).entrySet()) {
                    script.attributes().put((String) entry.getKey(), entry.getValue());
                }
            }
            case PickledNumpy numpy -> numpy.complete((Object[]) state);
            case LinkedHashMap<?, ?> _, List<?> _, TorchNames.Inert _ -> {}
            case null, default ->
                    throw new RefusedException(
                            "sets the state of something that has none that isoflop knows");
        }
    }

    private void put(@Nullable Object key, @Nullable Object value) {
        if (key instanceof Map || key instanceof List || key instanceof TorchNames.Script) {
            throw new PickleException("a key of a dictionary is no text or number");
        }
        switch (stack.peek()) {
            case LinkedHashMap<?, ?> map -> {
                @SuppressWarnings("unchecked") // every map here was made by this class or its names
                Map<@Nullable Object, @Nullable Object> any =
                        (Map<@Nullable Object, @Nullable Object>) map;
                any.put(key, value);
            }
            case TorchNames.Inert _ -> {} // a dictionary by another name
            default -> throw new PickleException("a value is put into what is no dictionary");
        }
    }

    private void add(List<?> elements) {
        switch (stack.peek()) {
            case List<?> list -> {
                @SuppressWarnings(
                        "unchecked") // every list here was made by this class or its names
                List<@Nullable Object> any = (List<@Nullable Object>) list;
                any.addAll(elements);
            }
            case TorchNames.Inert _ -> {} // a list by another name
            default -> throw new PickleException("an element is added to what is no list");
        }
    }

    /// Lets an instruction read as many bytes as it says, if the pickle has them.
    private Object afterLength(short instruction, int width) throws IOException {
        input.mark(width);
        byte[] bytes = PickleUtils.readbytes(input, width);
        input.reset();
        long length =
                width == Long.BYTES
                        ? PickleUtils.bytes_to_long(bytes, 0)
                        : PickleUtils.bytes_to_integer(bytes);
        requireBytes(length);
        if (instruction == Opcodes.LONG4 && length > LONGEST_NUMBER) {
            throw new PickleException("a number has " + length + " bytes");
        }
        return super.dispatch(instruction);
    }

    private void requireBytes(long length) throws IOException {
        if (length < 0 || length > input.available()) {
            throw new PickleException("a text of " + length + " bytes goes beyond the end");
        }
    }
}
