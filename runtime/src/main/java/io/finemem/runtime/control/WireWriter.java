package io.finemem.runtime.control;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes the fields of one control message: big-endian numbers, texts and byte strings after their length. */
final class WireWriter {
    private static final int CONTINUATION_MASK = 0xc0;
    private static final int CONTINUATION = 0x80;

    private final ByteBuffer out = ByteBuffer.allocate(ControlCodec.MAX_MESSAGE_BYTES);

    WireWriter u8(int value) {
        out.put((byte) value);
        return this;
    }

    WireWriter u16(int value) {
        if (value < 0 || value > 0xffff) {
            throw new IllegalArgumentException("does not fit 16 bits: " + value);
        }
        out.putShort((short) value);
        return this;
    }

    WireWriter i32(int value) {
        out.putInt(value);
        return this;
    }

    WireWriter i64(long value) {
        out.putLong(value);
        return this;
    }

    WireWriter bytes(byte[] value, int maxBytes) {
        if (value.length > maxBytes) {
            throw new IllegalArgumentException("longer than " + maxBytes + " bytes: " + value.length);
        }
        u16(value.length);
        out.put(value);
        return this;
    }

    WireWriter text(String value, int maxBytes) {
        return bytes(value.getBytes(StandardCharsets.UTF_8), maxBytes);
    }

    /** A text for people, cut to the limit at a character's border. */
    WireWriter cutText(String value, int maxBytes) {
        byte[] encoded = value.getBytes(StandardCharsets.UTF_8);
        int end = Math.min(encoded.length, maxBytes);
        while (end < encoded.length && end > 0 && (encoded[end] & CONTINUATION_MASK) == CONTINUATION) {
            end--;
        }
        return bytes(Arrays.copyOf(encoded, end), maxBytes);
    }

    byte[] message() {
        return Arrays.copyOf(out.array(), out.position());
    }
}
