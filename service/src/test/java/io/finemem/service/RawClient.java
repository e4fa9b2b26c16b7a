package io.finemem.service;

import io.finemem.service.ipc.EventFd;
import io.finemem.service.ipc.Frame;
import io.finemem.service.ipc.FrameCodec;
import io.finemem.service.ipc.PollSet;
import io.finemem.service.ipc.Received;
import io.finemem.service.ipc.SegmentLayout;
import io.finemem.service.ipc.SharedSegment;
import io.finemem.service.ipc.UnixSocket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** A client that sends and writes whatever a test wants. */
final class RawClient implements AutoCloseable {
    private final UnixSocket socket;
    private final Frame answer;
    private final SharedSegment segment;

    /** Connects and says hello. */
    RawClient(Path path, int mailboxes) throws IOException {
        this(UnixSocket.connected(path), mailboxes);
    }

    RawClient(UnixSocket socket, int mailboxes) throws IOException {
        this(socket, new Frame.Hello(SegmentLayout.VERSION, mailboxes, "raw"));
    }

    static RawClient saying(UnixSocket socket, Frame.Hello hello) throws IOException {
        return new RawClient(socket, hello);
    }

    private RawClient(UnixSocket socket, Frame.Hello hello) throws IOException {
        this.socket = socket;
        socket.send(FrameCodec.encode(hello));
        Received received = receive();
        answer = FrameCodec.decode(received.bytes());
        segment = answer instanceof Frame.Welcome welcome
                ? SharedSegment.adopt(received.descriptor(), SegmentLayout.bytes(welcome.mailboxes()))
                : null;
    }

    /** Says that a session is its, and hands a segment over; has none itself. */
    static RawClient comingBack(UnixSocket socket, Frame.Reattach claim, SharedSegment segment) throws IOException {
        return new RawClient(socket, claim, segment);
    }

    private RawClient(UnixSocket socket, Frame.Reattach claim, SharedSegment handed) throws IOException {
        this.socket = socket;
        socket.send(FrameCodec.encode(claim), handed);
        answer = FrameCodec.decode(receive().bytes());
        segment = null;
    }

    UnixSocket socket() {
        return socket;
    }

    Frame answer() {
        return answer;
    }

    ByteBuffer memory() {
        return segment.memory();
    }

    SharedSegment segment() {
        return segment;
    }

    Received receive() throws IOException {
        try (EventFd nobody = new EventFd();
                PollSet one = new PollSet(nobody)) {
            one.add(socket);
            for (int i = 0; i < 100; i++) {
                one.await(100);
                Received received = socket.receive();
                if (received != null) {
                    return received;
                }
            }
            throw new IOException("no packet within 10 s");
        }
    }

    @Override
    public void close() {
        socket.close();
        if (segment != null) {
            segment.close();
        }
    }
}
