package io.lbclient.grpc;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Reads the fields of a protobuf message one after the other. (Wire format: a tag of field number and type, then a
 * varint, 8 bytes, a length with as many bytes, or 4 bytes; groups are not read.) Bounded by the length of the bytes.
 */
final class ProtoReader {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;
    private static final int LONGEST_VARINT = 10;

    private ProtoReader() {}

    /** The bytes are not a message, or a field is not of the type that it should have. */
    static final class Malformed extends Exception {
        private static final long serialVersionUID = 1L;

        Malformed() {
            super("not a protobuf message of the kind that was expected", null, false, false);
        }
    }

    /** Takes the fields, in the order in which they come. */
    @FunctionalInterface
    interface Fields {
        void field(int number, Value value) throws Malformed;
    }

    /** A value of one of the wire types. */
    record Value(int type, long number, ByteBuffer bytes) {
        double asDouble() throws Malformed {
            expect(FIXED64);
            return Double.longBitsToDouble(number);
        }

        long asNumber() throws Malformed {
            expect(VARINT);
            return number;
        }

        ByteBuffer asMessage() throws Malformed {
            expect(BYTES);
            return bytes;
        }

        String asText() throws Malformed {
            return StandardCharsets.UTF_8.decode(asMessage()).toString();
        }

        private void expect(int expected) throws Malformed {
            if (type != expected) {
                throw new Malformed();
            }
        }
    }

    static void read(ByteBuffer message, Fields fields) throws Malformed {
        ByteBuffer in = message.slice().order(ByteOrder.LITTLE_ENDIAN);
        while (in.hasRemaining()) {
            long tag = varint(in);
            long number = tag >>> 3;
            if (number < 1 || number > 0x1fff_ffff) {
                throw new Malformed();
            }
            fields.field((int) number, value((int) (tag & 7), in));
        }
    }

    private static Value value(int type, ByteBuffer in) throws Malformed {
        ByteBuffer none = ByteBuffer.allocate(0);
        return switch (type) {
            case VARINT -> new Value(type, varint(in), none);
            case FIXED64 -> new Value(type, need(in, 8).getLong(), none);
            case FIXED32 -> new Value(type, need(in, 4).getInt(), none);
            case BYTES -> {
                long length = varint(in);
                ByteBuffer bytes = need(in, length).slice(in.position(), (int) length);
                in.position(in.position() + (int) length);
                yield new Value(type, 0, bytes);
            }
            default -> throw new Malformed();
        };
    }

    private static ByteBuffer need(ByteBuffer in, long bytes) throws Malformed {
        if (bytes < 0 || bytes > in.remaining()) {
            throw new Malformed();
        }
        return in;
    }

    private static long varint(ByteBuffer in) throws Malformed {
        long value = 0;
        for (int i = 0; i < LONGEST_VARINT; i++) {
            byte next = need(in, 1).get();
            value |= (long) (next & 0x7f) << (7 * i);
            if (next >= 0) {
                return value;
            }
        }
        throw new Malformed();
    }
}
