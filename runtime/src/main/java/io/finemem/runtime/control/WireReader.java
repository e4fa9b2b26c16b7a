package io.finemem.runtime.control;

import io.finemem.api.ProtocolViolation;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Reads the fields of one control message; whatever is missing, too long or out of range is a
 * {@link ProtocolViolation}.
 */
final class WireReader {
    private final ByteBuffer in;

    WireReader(byte[] message) {
        if (message.length > ControlCodec.MAX_MESSAGE_BYTES) {
            throw new ProtocolViolation("control message is too long", "bytes", message.length);
        }
        in = ByteBuffer.wrap(message);
    }

    int u8(String field) {
        return need(field, Byte.BYTES).get() & 0xff;
    }

    int u16(String field) {
        return need(field, Short.BYTES).getShort() & 0xffff;
    }

    int i32(String field) {
        return need(field, Integer.BYTES).getInt();
    }

    long i64(String field) {
        return need(field, Long.BYTES).getLong();
    }

    int i32(String field, int minimum) {
        int value = i32(field);
        if (value < minimum) {
            throw new ProtocolViolation("control message has a number out of range", "field", field, "value", value);
        }
        return value;
    }

    long i64(String field, long minimum) {
        long value = i64(field);
        if (value < minimum) {
            throw new ProtocolViolation("control message has a number out of range", "field", field, "value", value);
        }
        return value;
    }

    /** A number that names one of the constants of an enum. */
    <E extends Enum<E>> E constant(String field, E[] byNumber) {
        int number = u8(field);
        if (number >= byNumber.length) {
            throw new ProtocolViolation("control message has an unknown value", "field", field, "value", number);
        }
        return byNumber[number];
    }

    boolean flag(String field) {
        int value = u8(field);
        if (value > 1) {
            throw new ProtocolViolation("control message has an unknown value", "field", field, "value", value);
        }
        return value == 1;
    }

    byte[] bytes(String field, int maxBytes) {
        int length = u16(field);
        if (length > maxBytes) {
            throw new ProtocolViolation(
                    "control message has a field that is too long", "field", field, "bytes", length);
        }
        byte[] value = new byte[length];
        need(field, length).get(value);
        return value;
    }

    String text(String field, int maxBytes) {
        byte[] encoded = bytes(field, maxBytes);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(encoded))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new ProtocolViolation(e, "control message has a text that is not UTF-8", "field", field);
        }
    }

    void end() {
        if (in.hasRemaining()) {
            throw new ProtocolViolation("control message has trailing bytes", "bytes", in.remaining());
        }
    }

    private ByteBuffer need(String field, int bytes) {
        if (in.remaining() < bytes) {
            throw new ProtocolViolation(
                    "control message is truncated", "field", field, "missing", bytes - in.remaining());
        }
        return in;
    }
}
