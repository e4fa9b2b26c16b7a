package io.finemem.service.ipc;

import io.finemem.allocator.control.ResumeToken;
import io.finemem.api.ProtocolViolation;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Frames as bytes, big-endian: a type (1), then the fields in their order. Texts and descriptors have a length (2) before them.
 * A hello, a welcome and a reattachment start with a magic number (8) after the type.
 */
public final class FrameCodec {
    private static final long MAGIC = 0x464d_4950_4348_454cL; // "FMIPCHEL"
    private static final int MAX_TEXT = 2048;

    private static final byte HELLO = 1;
    private static final byte WELCOME = 2;
    private static final byte CONNECT = 3;
    private static final byte CONNECTED = 4;
    private static final byte DISCONNECT = 5;
    private static final byte DISCONNECTED = 6;
    private static final byte FAILED = 7;
    private static final byte BELL = 8;
    private static final byte LEAVE = 9;
    private static final byte FAREWELL = 10;
    private static final byte REATTACH = 11;
    private static final byte LOCATE = 20;
    private static final byte LOCATED = 21;

    private FrameCodec() {}

    /** The bytes of a frame. */
    public static ByteBuffer encode(Frame frame) {
        ByteBuffer out = ByteBuffer.allocate(UnixSocket.MAX_PACKET);
        if (frame instanceof Frame.Hello hello) {
            out.put(HELLO).putLong(MAGIC).putInt(hello.version()).putInt(hello.mailboxes());
            putText(out, hello.application(), Frame.MAX_NAME);
        } else if (frame instanceof Frame.Welcome welcome) {
            put(out, welcome);
        } else if (frame instanceof Frame.Reattach reattach) {
            out.put(REATTACH).putLong(MAGIC).putInt(reattach.version()).putInt(reattach.mailboxes());
            out.putLong(reattach.session());
            putToken(out, reattach.token());
        } else if (frame instanceof Frame.Connect connect) {
            out.put(CONNECT).putInt(connect.request()).putInt(connect.node());
            putBytes(out, connect.descriptor());
        } else if (frame instanceof Frame.Connected connected) {
            out.put(CONNECTED).putInt(connected.request()).putInt(connected.connection());
            putBytes(out, connected.descriptor());
        } else if (frame instanceof Frame.Disconnect disconnect) {
            out.put(DISCONNECT).putInt(disconnect.request()).putInt(disconnect.connection());
        } else if (frame instanceof Frame.Disconnected disconnected) {
            out.put(DISCONNECTED).putInt(disconnected.request());
        } else if (frame instanceof Frame.Failed failed) {
            out.put(FAILED).putInt(failed.request()).putInt(failed.code());
            putText(out, failed.text(), MAX_TEXT);
        } else if (frame instanceof Frame.Locate locate) {
            out.put(LOCATE).putInt(locate.request()).putInt(locate.node());
        } else if (frame instanceof Frame.Located located) {
            out.put(LOCATED).putInt(located.request());
            putText(out, located.memoryNode(), Frame.MAX_NODE_NAME);
        } else if (frame instanceof Frame.Farewell farewell) {
            out.put(FAREWELL).putInt(farewell.code());
            putText(out, farewell.text(), MAX_TEXT);
        } else {
            out.put(frame instanceof Frame.Bell ? BELL : LEAVE);
        }
        return out.flip();
    }

    private static void put(ByteBuffer out, Frame.Welcome welcome) {
        out.put(WELCOME).putLong(MAGIC).putInt(welcome.version()).putInt(welcome.mailboxes());
        out.putLong(welcome.session()).putLong(welcome.maxBlockBytes()).putInt(welcome.timeoutMillis());
        out.putShort((short) welcome.nodes().size());
        welcome.nodes().forEach(node -> putText(out, node, MAX_TEXT));
        out.putShort((short) welcome.lost().size());
        welcome.lost().forEach(out::putInt);
        ResumeToken token = welcome.token();
        out.put((byte) (token == null ? 0 : 1));
        if (token != null) {
            putToken(out, token);
        }
    }

    private static void putToken(ByteBuffer out, ResumeToken token) {
        out.putLong(token.high()).putLong(token.low());
    }

    private static ResumeToken token(ByteBuffer in) {
        return ResumeToken.of(in.getLong(), in.getLong());
    }

    private static void putText(ByteBuffer out, String text, int max) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(bytes.length, max);
        while (length < bytes.length && length > 0 && (bytes[length] & 0xc0) == 0x80) {
            length--; // not in the middle of a character
        }
        putBytes(out, Arrays.copyOf(bytes, length));
    }

    private static void putBytes(ByteBuffer out, byte[] bytes) {
        out.putShort((short) bytes.length).put(bytes);
    }

    /**
     * The frame in a packet.
     *
     * @throws ProtocolViolation if it is none: unknown, cut off, too long, or with a field out of its range
     */
    public static Frame decode(ByteBuffer in) {
        try {
            Frame frame = frame(in, in.get());
            if (in.hasRemaining()) {
                throw new ProtocolViolation("a frame has bytes after its end", "bytes", in.remaining());
            }
            return frame;
        } catch (BufferUnderflowException e) {
            throw new ProtocolViolation("a frame is cut off");
        }
    }

    private static Frame frame(ByteBuffer in, byte type) {
        return switch (type) {
            case HELLO -> {
                checkMagic(in);
                yield new Frame.Hello(in.getInt(), in.getInt(), text(in, Frame.MAX_NAME));
            }
            case WELCOME -> welcome(in);
            case REATTACH -> {
                checkMagic(in);
                yield new Frame.Reattach(in.getInt(), in.getInt(), in.getLong(), token(in));
            }
            case CONNECT -> new Frame.Connect(in.getInt(), in.getInt(), bytes(in, Frame.MAX_DESCRIPTOR));
            case CONNECTED -> new Frame.Connected(in.getInt(), in.getInt(), bytes(in, Frame.MAX_DESCRIPTOR));
            case DISCONNECT -> new Frame.Disconnect(in.getInt(), in.getInt());
            case DISCONNECTED -> new Frame.Disconnected(in.getInt());
            case FAILED -> new Frame.Failed(in.getInt(), in.getInt(), text(in, MAX_TEXT));
            case LOCATE -> new Frame.Locate(in.getInt(), in.getInt());
            case LOCATED -> new Frame.Located(in.getInt(), text(in, Frame.MAX_NODE_NAME));
            case BELL -> new Frame.Bell();
            case LEAVE -> new Frame.Leave();
            case FAREWELL -> new Frame.Farewell(in.getInt(), text(in, MAX_TEXT));
            default -> throw new ProtocolViolation("a frame has an unknown type", "type", type);
        };
    }

    private static Frame.Welcome welcome(ByteBuffer in) {
        checkMagic(in);
        int version = in.getInt();
        int mailboxes = in.getInt();
        long session = in.getLong();
        long maxBlockBytes = in.getLong();
        int timeoutMillis = in.getInt();
        int count = checkLength(in.getShort(), Frame.MAX_NODES);
        List<String> nodes = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            nodes.add(text(in, MAX_TEXT));
        }
        int lostCount = checkLength(in.getShort(), Frame.MAX_LOST);
        List<Integer> lost = new ArrayList<>(lostCount);
        for (int i = 0; i < lostCount; i++) {
            lost.add(in.getInt());
        }
        byte given = in.get();
        if (given != 0 && given != 1) {
            throw new ProtocolViolation("a welcome has a token or has none", "given", given);
        }
        ResumeToken token = given == 1 ? token(in) : null;
        return new Frame.Welcome(
                version,
                mailboxes,
                session,
                maxBlockBytes,
                timeoutMillis,
                List.copyOf(nodes),
                List.copyOf(lost),
                token);
    }

    private static void checkMagic(ByteBuffer in) {
        if (in.getLong() != MAGIC) {
            throw new ProtocolViolation("the other side does not speak this protocol");
        }
    }

    private static String text(ByteBuffer in, int max) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes(in, max)))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new ProtocolViolation("a text is not UTF-8");
        }
    }

    private static byte[] bytes(ByteBuffer in, int max) {
        byte[] bytes = new byte[checkLength(in.getShort(), max)];
        in.get(bytes);
        return bytes;
    }

    private static int checkLength(short length, int max) {
        if (length < 0 || length > max) {
            throw new ProtocolViolation("a length is out of range", "length", length, "max", max);
        }
        return length;
    }
}
