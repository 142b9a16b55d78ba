package dev.isoflop.encoder;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/// A pickle, written instruction by instruction as Python's protocol 2 has it.
public final class PickleBytes {

    /// A call: of a module's name, with arguments.
    public record Call(String module, String name, List<Object> arguments) {}

    /// An object made by `NEWOBJ`, its state set by `BUILD`.
    public record Built(String module, String name, Map<String, Object> state) {}

    /// What torch names by a persistent id.
    public record Persistent(Object id) {}

    /// A name, neither called nor built.
    public record Name(String module, String name) {}

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /// A whole pickle of one value.
    public static byte[] of(Object value) {
        PickleBytes pickle = new PickleBytes();
        pickle.bytes.write(0x80);
        pickle.bytes.write(2);
        pickle.value(value);
        pickle.bytes.write('.');
        return pickle.bytes.toByteArray();
    }

    private void value(Object value) {
        switch (value) {
            case String text -> {
                byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
                bytes.write('X');
                four(utf8.length);
                bytes.writeBytes(utf8);
            }
            case Integer number -> {
                bytes.write('J');
                four(number);
            }
            case Long number -> {
                bytes.write(0x8a);
                bytes.write(Long.BYTES);
                bytes.writeBytes(
                        ByteBuffer.allocate(Long.BYTES)
                                .order(ByteOrder.LITTLE_ENDIAN)
                                .putLong(number)
                                .array());
            }
            case Double number -> {
                bytes.write('G');
                bytes.writeBytes(ByteBuffer.allocate(Double.BYTES).putDouble(number).array());
            }
            case Boolean truth -> bytes.write(truth ? 0x88 : 0x89);
            case Object[] tuple -> {
                bytes.write('(');
                for (Object element : tuple) {
                    value(element);
                }
                bytes.write('t');
            }
            case List<?> list -> {
                bytes.write(']');
                bytes.write('(');
                list.forEach(this::value);
                bytes.write('e');
            }
            case Map<?, ?> map -> {
                bytes.write('}');
                bytes.write('(');
                map.forEach((key, inner) -> {
                    value(key);
                    value(inner);
                });
                bytes.write('u');
            }
            case Name name -> global(name.module, name.name);
            case Call call -> {
                global(call.module, call.name);
                value(call.arguments.toArray());
                bytes.write('R');
            }
            case Built built -> {
                global(built.module, built.name);
                bytes.write(')');
                bytes.write(0x81);
                value(built.state);
                bytes.write('b');
            }
            case Persistent persistent -> {
                value(persistent.id);
                bytes.write('Q');
            }
            default -> throw new IllegalArgumentException(value.toString());
        }
    }

    private void global(String module, String name) {
        bytes.write('c');
        bytes.writeBytes((module + "\n" + name + "\n").getBytes(StandardCharsets.US_ASCII));
    }

    private void four(int number) {
        bytes.writeBytes(
                ByteBuffer.allocate(Integer.BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(number)
                        .array());
    }
}
