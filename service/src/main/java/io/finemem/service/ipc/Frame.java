package io.finemem.service.ipc;

import io.finemem.allocator.control.ResumeToken;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What travels over the socket: the handshake, data connections, bells and the end. One frame is one packet. */
public sealed interface Frame {
    /** Longest name of an application in bytes of UTF-8. */
    int MAX_NAME = 64;
    /** Longest descriptor of a connection. */
    int MAX_DESCRIPTOR = 512;
    /** Most memory nodes of a {@link Welcome}; a client asks for others when it meets them. */
    int MAX_NODES = 64;
    /** Most lost memory nodes of a {@link Welcome}: the latest ones. */
    int MAX_LOST = 512;
    /** Longest name of a memory node in bytes. */
    int MAX_NODE_NAME = 64;

    /** The client's first frame. */
    record Hello(int version, int mailboxes, String application) implements Frame {}

    /**
     * The service's answer to a hello; the segment's descriptor comes with it.
     *
     * @param mailboxes how many the segment has
     * @param maxBlockBytes longest block
     * @param timeoutMillis how long a request may take at most
     * @param nodes names of the first memory nodes, by index
     * @param lost indices of memory nodes that were lost before this run of the service, with all that was held there
     * @param token to be shown to a restarted service, by which the session goes on; null if it ends with the service
     */
    record Welcome(
            int version,
            int mailboxes,
            long session,
            long maxBlockBytes,
            int timeoutMillis,
            List<String> nodes,
            List<Integer> lost,
            @Nullable ResumeToken token)
            implements Frame {}

    /**
     * The first frame of a client whose service was restarted; the descriptor of its segment comes with it. Answered as a hello, without
     * a segment.
     */
    record Reattach(int version, int mailboxes, long session, ResumeToken token) implements Frame {}

    /** Asks for the other end of a data connection to a memory node. */
    record Connect(int request, int node, byte[] descriptor) implements Frame {}

    /** Answers {@link Connect}. */
    record Connected(int request, int connection, byte[] descriptor) implements Frame {}

    /** Asks which memory node a block is on that came after the welcome. */
    record Locate(int request, int node) implements Frame {}

    /** Answers {@link Locate}. */
    record Located(int request, String memoryNode) implements Frame {}

    /** Asks to fence a data connection. */
    record Disconnect(int request, int connection) implements Frame {}

    /** Answers {@link Disconnect}: nothing that was posted on the connection executes any more. */
    record Disconnected(int request) implements Frame {}

    /** A request failed; request 0 is the hello. */
    record Failed(int request, int code, String text) implements Frame {}

    /** The client published a request while the service slept. */
    record Bell() implements Frame {}

    /** The client goes in order: the socket is closed once all that it held is given back. */
    record Leave() implements Frame {}

    /** The service ends the session. */
    record Farewell(int code, String text) implements Frame {}
}
