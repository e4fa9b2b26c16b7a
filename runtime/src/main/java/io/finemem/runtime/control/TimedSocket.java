package io.finemem.runtime.control;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/**
 * A TCP connection on which every connect, read and write as a whole has a deadline, however slowly the bytes trickle.
 *
 * <p>One thread at a time reads or writes; {@link #close} may be called by any thread and ends what is going on. An
 * interrupt
 * does not cut an exchange short (it is bounded anyway, and half a frame would spoil the connection); it stays pending.
 */
final class TimedSocket implements AutoCloseable {
    private final SocketChannel channel;
    private final Selector selector;
    private final SelectionKey key;
    private final String peer;

    private TimedSocket(SocketChannel channel, Selector selector, String peer) throws IOException {
        this.channel = channel;
        this.selector = selector;
        this.peer = peer;
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        key = channel.register(selector, 0);
    }

    static TimedSocket accepted(SocketChannel channel) throws IOException {
        return over(channel, String.valueOf(channel.getRemoteAddress()));
    }

    static TimedSocket connect(InetSocketAddress address, Deadline deadline) throws IOException {
        TimedSocket socket = over(SocketChannel.open(), address.getHostString() + ":" + address.getPort());
        try {
            boolean connected = socket.channel.connect(address);
            while (!connected) {
                socket.await(SelectionKey.OP_CONNECT, deadline);
                connected = socket.channel.finishConnect();
            }
            return socket;
        } catch (IOException | RuntimeException e) {
            socket.closeAfter(e);
            throw e;
        }
    }

    private static TimedSocket over(SocketChannel channel, String peer) throws IOException {
        Selector selector = null;
        try {
            selector = Selector.open();
            return new TimedSocket(channel, selector, peer);
        } catch (IOException | RuntimeException e) {
            channel.close();
            if (selector != null) {
                selector.close();
            }
            throw e;
        }
    }

    /** Fills the buffer. */
    void readFully(ByteBuffer buffer, Deadline deadline) throws IOException {
        while (buffer.hasRemaining()) {
            int read = channel.read(buffer);
            if (read < 0) {
                throw new EOFException("the other side closed the connection");
            }
            if (read == 0) {
                await(SelectionKey.OP_READ, deadline);
            } else if (deadline.passed() && buffer.hasRemaining()) {
                throw timeout();
            }
        }
        buffer.flip();
    }

    /** Reads what there is into the buffer, and waits for the first byte; the buffer stays in the mode of filling. */
    void readSome(ByteBuffer buffer, Deadline deadline) throws IOException {
        if (deadline.passed()) {
            throw timeout();
        }
        int read = channel.read(buffer);
        while (read == 0) {
            await(SelectionKey.OP_READ, deadline);
            read = channel.read(buffer);
        }
        if (read < 0) {
            throw new EOFException("the other side closed the connection");
        }
    }

    /** Writes the buffer to its end. */
    void writeFully(ByteBuffer buffer, Deadline deadline) throws IOException {
        while (buffer.hasRemaining()) {
            if (channel.write(buffer) == 0) {
                await(SelectionKey.OP_WRITE, deadline);
            }
        }
    }

    private void await(int operation, Deadline deadline) throws IOException {
        boolean interrupted = false;
        try {
            key.interestOps(operation);
            while (true) {
                long millis = deadline.remainingMillis();
                if (millis == 0) {
                    throw timeout();
                }
                if (selector.select(millis) > 0) {
                    selector.selectedKeys().clear();
                    return;
                }
                if (!channel.isOpen()) {
                    throw new ClosedChannelException();
                }
                interrupted |= Thread.interrupted();
            }
        } catch (ClosedSelectorException | CancelledKeyException e) {
            IOException closed = new ClosedChannelException();
            closed.initCause(e);
            throw closed;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static SocketTimeoutException timeout() {
        return new SocketTimeoutException("time limit reached");
    }

    private void closeAfter(Exception failure) {
        try {
            close();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    /**
     * Says that nothing more will be written and discards a little of what still arrives: closing with unread bytes
     * would
     * make the kernel throw away what was written last.
     */
    void finish(int maxDiscardedBytes, Deadline deadline) throws IOException {
        channel.shutdownOutput();
        ByteBuffer discarded = ByteBuffer.allocate(maxDiscardedBytes);
        while (discarded.hasRemaining()) {
            int read = channel.read(discarded);
            if (read < 0) {
                return;
            }
            if (read == 0) {
                await(SelectionKey.OP_READ, deadline);
            }
        }
    }

    /** Where the other side is, for logs. */
    String peer() {
        return peer;
    }

    @Override
    public void close() throws IOException {
        try {
            channel.close();
        } finally {
            selector.close();
        }
    }
}
