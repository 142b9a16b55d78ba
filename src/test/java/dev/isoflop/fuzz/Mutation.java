package dev.isoflop.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// One way to break bytes; which bytes is drawn.
enum Mutation {
    FLIP_BIT {
        @Override
        byte[] of(byte[] bytes, RandomGenerator random) {
            byte[] broken = bytes.clone();
            broken[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            return broken;
        }
    },
    EXTREME_BYTE {
        @Override
        byte[] of(byte[] bytes, RandomGenerator random) {
            byte[] broken = bytes.clone();
            broken[random.nextInt(bytes.length)] = (byte) drawn(random, 0, 1, 0x7f, 0x80, 0xff);
            return broken;
        }
    },
    EXTREME_INTEGER {
        @Override
        byte[] of(byte[] bytes, RandomGenerator random) {
            int width = drawn(random, 2, 4, 8);
            if (bytes.length < width) {
                return bytes;
            }
            ByteBuffer broken = ByteBuffer.wrap(bytes.clone());
            broken.order(random.nextBoolean() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
            int at = random.nextInt(bytes.length - width + 1);
            long value = LONGS.get(random.nextInt(LONGS.size()));
            switch (width) {
                case 2 -> broken.putShort(at, (short) value);
                case 4 -> broken.putInt(at, (int) value);
                default -> broken.putLong(at, value);
            }
            return broken.array();
        }
    },
    CUT_OFF {
        @Override
        byte[] of(byte[] bytes, RandomGenerator random) {
            return Arrays.copyOf(bytes, random.nextInt(bytes.length));
        }
    },
    REMOVE {
        @Override
        byte[] of(byte[] bytes, RandomGenerator random) {
            int from = random.nextInt(bytes.length);
            return joined(bytes, from, new byte[0], from + length(bytes, from, random));
        }
    },
    REPEAT {
        @Override
        byte[] of(byte[] bytes, RandomGenerator random) {
            int from = random.nextInt(bytes.length);
            int to = from + length(bytes, from, random);
            return joined(bytes, to, Arrays.copyOfRange(bytes, from, to), to);
        }
    },
    SWAP {
        @Override
        byte[] of(byte[] bytes, RandomGenerator random) {
            int length = 1 + random.nextInt(Math.max(1, Math.min(64, bytes.length / 4)));
            int first = random.nextInt(bytes.length - length + 1);
            int second = random.nextInt(bytes.length - length + 1);
            byte[] broken = bytes.clone();
            System.arraycopy(bytes, first, broken, second, length);
            System.arraycopy(bytes, second, broken, first, length);
            return broken;
        }
    },
    INSERT_WORD {
        @Override
        byte[] of(byte[] bytes, RandomGenerator random) {
            int at = random.nextInt(bytes.length + 1);
            return joined(bytes, at, word(random), at);
        }
    },
    INSERT_MANY {
        @Override
        byte[] of(byte[] bytes, RandomGenerator random) {
            int at = random.nextInt(bytes.length + 1);
            byte[] one = word(random);
            byte[] many = new byte[one.length * drawn(random, 40, 2000, 20_000)];
            for (int i = 0; i < many.length; i++) {
                many[i] = one[i % one.length];
            }
            return joined(bytes, at, many, at);
        }
    },
    REPLACE_NUMBER {
        @Override
        byte[] of(byte[] bytes, RandomGenerator random) {
            return replaced(bytes, NUMBER, random);
        }
    },
    REPLACE_VALUE {
        @Override
        byte[] of(byte[] bytes, RandomGenerator random) {
            return replaced(bytes, VALUE, random);
        }
    };

    private static final List<Long> LONGS =
            List.of(
                    0L,
                    1L,
                    -1L,
                    255L,
                    65_535L,
                    (long) Integer.MAX_VALUE,
                    (long) Integer.MIN_VALUE,
                    0xffff_ffffL,
                    0x7fff_fff0L,
                    1L << 40,
                    Long.MAX_VALUE,
                    Long.MIN_VALUE);

    private static final List<String> WORDS =
            List.of(
                    "{",
                    "}",
                    "[",
                    "]",
                    "[[",
                    "{\"a\":",
                    "\"",
                    "\\",
                    "\\u0000",
                    "\\ud800",
                    ":",
                    ",",
                    "null",
                    "true",
                    "-1",
                    "0",
                    "1e999",
                    "NaN",
                    "-Infinity",
                    "1e-400",
                    "0.1",
                    "99999999999999999999",
                    "2147483648",
                    "9223372036854775807",
                    "\n",
                    "\r\n",
                    "\t",
                    "- ",
                    "? ",
                    "---\n",
                    "&a ",
                    "*a",
                    "!!int ",
                    "# ",
                    "|\n",
                    "%",
                    "../",
                    "/",
                    "\0",
                    "\u00e9",
                    "\u6f22",
                    "\ud83d\ude00",
                    "\u0301",
                    "\u202e",
                    "\ufeff",
                    " ",
                    "x");

    private static final Pattern NUMBER = Pattern.compile("-?\\d+(\\.\\d+)?([eE]-?\\d+)?");
    private static final Pattern VALUE =
            Pattern.compile("\"[^\"\\n]*\"|\\[[^\\[\\]]*\\]|(?<=[:,] ?)[\\w.-]+");

    /// The bytes, broken; now and then they are as they were.
    ///
    /// @param bytes one at least; not changed
    abstract byte[] of(byte[] bytes, RandomGenerator random);

    /// One to four mutations, one after the other.
    static byte[] some(byte[] valid, RandomGenerator random) {
        byte[] broken = valid;
        int count = 1 + random.nextInt(4);
        for (int i = 0; i < count && broken.length > 0; i++) {
            broken = values()[random.nextInt(values().length)].of(broken, random);
        }
        return broken;
    }

    private static int drawn(RandomGenerator random, int... values) {
        return values[random.nextInt(values.length)];
    }

    private static int length(byte[] bytes, int from, RandomGenerator random) {
        int most = drawn(random, 4, 64, bytes.length);
        return 1 + random.nextInt(Math.min(most, bytes.length - from));
    }

    private static byte[] word(RandomGenerator random) {
        return WORDS.get(random.nextInt(WORDS.size())).getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] joined(byte[] bytes, int before, byte[] between, int behind) {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.write(bytes, 0, before);
        whole.writeBytes(between);
        whole.write(bytes, behind, bytes.length - behind);
        return whole.toByteArray();
    }

    private static byte[] replaced(byte[] bytes, Pattern pattern, RandomGenerator random) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        List<MatchResult> found = pattern.matcher(text).results().toList();
        if (found.isEmpty()) {
            return bytes;
        }
        MatchResult one = found.get(random.nextInt(found.size()));
        MatchResult other = found.get(random.nextInt(found.size()));
        byte[] instead =
                random.nextBoolean()
                        ? word(random)
                        : other.group().getBytes(StandardCharsets.ISO_8859_1);
        return joined(bytes, one.start(), instead, one.end());
    }
}
