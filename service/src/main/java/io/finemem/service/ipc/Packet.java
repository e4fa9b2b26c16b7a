package io.finemem.service.ipc;

import java.nio.ByteBuffer;

/**
 * Arguments of {@code sendmsg} and {@code recvmsg}, reused.
 *
 * <pre>
 *   struct msghdr   0 name   8 namelen   16 iov   24 iovlen   32 control   40 controllen   48 flags          56 bytes
 *   struct iovec    0 base   8 length                                                                        16 bytes
 *   control         struct cmsghdr: 0 length (8)   8 level (4)   12 type (4)   16 data
 * </pre>
 */
final class Packet implements AutoCloseable {
    private static final int IOV = 56;
    private static final int CONTROL = IOV + 16;
    private static final int CONTROL_BYTES = 64;
    private static final int DATA = CONTROL + CONTROL_BYTES;
    private static final int TOTAL = DATA + UnixSocket.MAX_PACKET;

    private static final int CONTROL_HEADER_BYTES = 16;
    private static final int SOL_SOCKET = 1;
    private static final int SCM_RIGHTS = 1;
    private static final int SCM_CREDENTIALS = 2;

    private static final int MSG_CTRUNC = 0x8;
    private static final int MSG_TRUNC = 0x20;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int MSG_CMSG_CLOEXEC = 0x40000000;

    private final Raw raw = new Raw(TOTAL);

    long send(int fd, ByteBuffer bytes, int passed) {
        byte[] content = new byte[bytes.remaining()];
        bytes.duplicate().get(content);
        raw.put(DATA, content);
        header(content.length, 0);
        if (passed >= 0) {
            raw.putLong(40, CONTROL_HEADER_BYTES + Long.BYTES); // CMSG_SPACE(sizeof int)
            raw.putLong(CONTROL, CONTROL_HEADER_BYTES + Integer.BYTES);
            raw.putInt(CONTROL + 8, SOL_SOCKET);
            raw.putInt(CONTROL + 12, SCM_RIGHTS);
            raw.putInt(CONTROL + CONTROL_HEADER_BYTES, passed);
        }
        return LibC.C.sendmsg(fd, raw.at(0), MSG_DONTWAIT | MSG_NOSIGNAL);
    }

    long receive(int fd) {
        header(UnixSocket.MAX_PACKET, CONTROL_BYTES);
        return LibC.C.recvmsg(fd, raw.at(0), MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    }

    private void header(int length, int controlBytes) {
        raw.putLong(0, 0);
        raw.putLong(8, 0);
        raw.putLong(16, raw.at(IOV));
        raw.putLong(24, 1);
        raw.putLong(32, raw.at(CONTROL));
        raw.putLong(40, controlBytes);
        raw.putLong(48, 0);
        raw.putLong(IOV, raw.at(DATA));
        raw.putLong(IOV + 8, length);
    }

    /** What the latest {@link #receive} brought. */
    Received received(int length) {
        boolean cut = (raw.getInt(48) & (MSG_TRUNC | MSG_CTRUNC)) != 0;
        int pid = 0;
        int descriptor = -1;
        long end = Math.min(raw.getLong(40), CONTROL_BYTES);
        for (long at = 0; at + CONTROL_HEADER_BYTES <= end; ) {
            long message = raw.getLong(CONTROL + at);
            if (message < CONTROL_HEADER_BYTES) {
                break;
            }
            long data = CONTROL + at + CONTROL_HEADER_BYTES;
            int type = raw.getInt(CONTROL + at + 12);
            if (type == SCM_CREDENTIALS) {
                pid = raw.getInt(data);
            } else if (type == SCM_RIGHTS) {
                int count = (int) (message - CONTROL_HEADER_BYTES) / Integer.BYTES;
                descriptor = raw.getInt(data);
                cut |= count > 1;
                for (int i = 1; i < count; i++) {
                    LibC.C.close(raw.getInt(data + (long) i * Integer.BYTES)); // we never send more than one
                }
            }
            at += (message + Long.BYTES - 1) / Long.BYTES * Long.BYTES;
        }
        return new Received(ByteBuffer.wrap(raw.get(DATA, length)), pid, descriptor, cut);
    }

    @Override
    public void close() {
        raw.close();
    }
}
