package io.finemem.service.client;

import io.finemem.allocator.data.DataOptions;
import io.finemem.service.ipc.Frame;
import io.finemem.service.ipc.Peer;
import io.finemem.service.ipc.SegmentLayout;
import io.finemem.service.ipc.UnixSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * How an application uses the service.
 *
 * @param socket path of the service's Unix socket
 * @param application name, 1 to 64 bytes of UTF-8; quotas go by it
 * @param threads mailboxes, and data connections per memory node: how many threads work at a time without waiting for each other,
 *     1 to 64
 * @param serviceUids users whose service is trusted
 * @param spin how long a thread looks for an answer before it sleeps
 * @param connectTimeout how long a service may take to accept a connection and to answer on it
 * @param reattachTimeout how long calls wait for a service that went away without a word, and may be restarted
 * @param operationTimeout upper bound of the wait for one operation on a block's content
 * @param data how the way of its bytes works
 */
public record ServiceClientOptions(
        Path socket,
        String application,
        int threads,
        Set<Integer> serviceUids,
        Duration spin,
        Duration connectTimeout,
        Duration reattachTimeout,
        Duration operationTimeout,
        DataOptions data) {

    /** Checks the ranges. */
    public ServiceClientOptions {
        if (!UnixSocket.fits(socket.toAbsolutePath())) {
            throw new IllegalArgumentException("the socket's path must have at most 107 bytes: " + socket);
        }
        int bytes = application.getBytes(StandardCharsets.UTF_8).length;
        if (bytes < 1 || bytes > Frame.MAX_NAME) {
            throw new IllegalArgumentException(
                    "an application's name must have 1 to " + Frame.MAX_NAME + " bytes: " + application);
        }
        if (threads < 1 || threads > SegmentLayout.MAX_MAILBOXES) {
            throw new IllegalArgumentException("threads must be 1 to " + SegmentLayout.MAX_MAILBOXES + ": " + threads);
        }
        if (spin.isNegative() || operationTimeout.isNegative() || operationTimeout.isZero()) {
            throw new IllegalArgumentException("spin must be 0 or more, the operation timeout positive");
        }
        if (connectTimeout.isNegative() || connectTimeout.isZero()) {
            throw new IllegalArgumentException("the time to connect must be positive: " + connectTimeout);
        }
        if (reattachTimeout.isNegative()) {
            throw new IllegalArgumentException("the time to come back must be 0 or more: " + reattachTimeout);
        }
        serviceUids = Set.copyOf(serviceUids);
    }

    /** 4 threads, a service of the own user or root, 20 us, 5 s, 30 s, 10 s. */
    public static ServiceClientOptions at(Path socket, String application) {
        return new ServiceClientOptions(
                socket,
                application,
                4,
                Set.copyOf(List.of(0, Peer.ownUid())),
                Duration.ofNanos(20_000),
                Duration.ofSeconds(5),
                Duration.ofSeconds(30),
                Duration.ofSeconds(10),
                DataOptions.defaults());
    }

    /** The same with another number of threads. */
    public ServiceClientOptions withThreads(int count) {
        return new ServiceClientOptions(
                socket, application, count, serviceUids, spin, connectTimeout, reattachTimeout, operationTimeout, data);
    }

    /** The same with another time of spinning. */
    public ServiceClientOptions withSpin(Duration time) {
        return new ServiceClientOptions(
                socket,
                application,
                threads,
                serviceUids,
                time,
                connectTimeout,
                reattachTimeout,
                operationTimeout,
                data);
    }

    /** The same with other trusted users. */
    public ServiceClientOptions withServiceUids(Set<Integer> uids) {
        return new ServiceClientOptions(
                socket, application, threads, uids, spin, connectTimeout, reattachTimeout, operationTimeout, data);
    }

    /** The same with another time to connect. */
    public ServiceClientOptions withConnectTimeout(Duration time) {
        return new ServiceClientOptions(
                socket, application, threads, serviceUids, spin, time, reattachTimeout, operationTimeout, data);
    }

    /** The same with another time to wait for a restarted service. */
    public ServiceClientOptions withReattachTimeout(Duration time) {
        return new ServiceClientOptions(
                socket, application, threads, serviceUids, spin, connectTimeout, time, operationTimeout, data);
    }
}
