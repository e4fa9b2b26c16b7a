package io.finemem.runtime.doctor;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/** Asks a server one question. */
@FunctionalInterface
interface NetworkProbe {

    /** The first bytes of the answer, or nothing if nobody answers soon. */
    Optional<String> ask(SocketAddress server, String question);

    /** Over sockets of this machine, within half a second. */
    static NetworkProbe real() {
        return (server, question) -> {
            try {
                return Optional.of(exchange(server, question, Duration.ofMillis(500)));
            } catch (IOException | UnsupportedOperationException e) {
                return Optional.empty();
            }
        };
    }

    private static String exchange(SocketAddress server, String question, Duration limit) throws IOException {
        boolean tcp = server instanceof InetSocketAddress;
        try (SocketChannel channel = tcp ? SocketChannel.open() : SocketChannel.open(StandardProtocolFamily.UNIX);
                Selector selector = Selector.open()) {
            channel.configureBlocking(false);
            long deadline = System.nanoTime() + limit.toNanos();
            if (!channel.connect(server)) {
                await(channel, selector, SelectionKey.OP_CONNECT, deadline);
                channel.finishConnect();
            }
            channel.write(ByteBuffer.wrap(question.getBytes(StandardCharsets.US_ASCII)));
            ByteBuffer answer = ByteBuffer.allocate(64);
            await(channel, selector, SelectionKey.OP_READ, deadline);
            channel.read(answer);
            return StandardCharsets.US_ASCII.decode(answer.flip()).toString();
        }
    }

    private static void await(SocketChannel channel, Selector selector, int operation, long deadline)
            throws IOException {
        channel.register(selector, operation);
        long millis = (deadline - System.nanoTime()) / 1_000_000;
        if (millis <= 0 || selector.select(millis) == 0) {
            throw new IOException("no answer in time");
        }
        selector.selectedKeys().clear();
    }
}
