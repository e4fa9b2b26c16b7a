package io.finemem.runtime.control;

import io.finemem.api.ProtocolViolation;
import java.nio.ByteBuffer;

/**
 * The only plain text of a control connection: who speaks which version, and whether the memory node goes on.
 *
 * <pre>
 *    0                       4           6        7        8
 *   +-----------------------+-----------+--------+--------+
 *   | magic "FMEM"          | version   | status | mode   |
 *   +-----------------------+-----------+--------+--------+
 * </pre>
 *
 * The client's greeting is part of the handshake's prologue: who changes it makes the handshake fail.
 *
 * @param version of the sender
 * @param status of the memory node; a client sends {@link Status#OK}
 * @param mode what the sender's handshake is
 */
record Greeting(int version, Status status, Mode mode) {
    static final int BYTES = 8;

    private static final int MAGIC = 0x464d454d;

    enum Status {
        /** A handshake message follows. */
        OK,
        /** The secret is not that of the memory node. */
        WRONG_SECRET,
        /** The memory node does not speak the client's version. */
        WRONG_VERSION,
        /** Too many connections at the moment. */
        BUSY,
        /** The memory node uses the other mode. */
        WRONG_MODE
    }

    /** What follows a greeting. */
    enum Mode {
        /** The messages of a Noise handshake with the pre-shared secret. */
        PSK,
        /** A TLS handshake with certificates. */
        TLS;

        static Mode of(ControlSecurity security) {
            return security instanceof TlsIdentity ? TLS : PSK;
        }
    }

    /** A greeting in the mode of the secret. */
    Greeting(int version, Status status) {
        this(version, status, Mode.PSK);
    }

    static Greeting ofClient() {
        return ofClient(Mode.PSK);
    }

    static Greeting ofClient(Mode mode) {
        return new Greeting(ControlCodec.VERSION, Status.OK, mode);
    }

    static Greeting ofMemoryNode(Status status) {
        return new Greeting(ControlCodec.VERSION, status);
    }

    byte[] encode() {
        return ByteBuffer.allocate(BYTES)
                .putInt(MAGIC)
                .putShort((short) version)
                .put((byte) status.ordinal())
                .put((byte) mode.ordinal())
                .array();
    }

    /** @throws ProtocolViolation if it is not a greeting at all; a greeting of another version is one */
    static Greeting decode(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (bytes.length != BYTES || in.getInt() != MAGIC) {
            throw new ProtocolViolation("the other side does not speak the control protocol of FineMem");
        }
        int version = in.getShort() & 0xffff;
        int status = in.get() & 0xff;
        if (version != ControlCodec.VERSION) {
            return new Greeting(version, Status.WRONG_VERSION);
        }
        int mode = in.get() & 0xff;
        if (status >= Status.values().length || mode >= Mode.values().length) {
            throw new ProtocolViolation(
                    "greeting of the control protocol is malformed", "status", status, "mode", mode);
        }
        return new Greeting(version, Status.values()[status], Mode.values()[mode]);
    }
}
