package io.finemem.verbs.disni;

import com.ibm.disni.RdmaActiveEndpointGroup;
import com.ibm.disni.RdmaServerEndpoint;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Server and client groups of one process, connected over the rxe device. */
final class ActivePair {
    private static final int GROUP_MILLIS = 50;
    private static final int RESOLVE_MILLIS = 5_000;
    private static final int REQUESTS = 64;

    final RdmaActiveEndpointGroup<ActiveEndpoint> servers = group();
    final RdmaActiveEndpointGroup<ActiveEndpoint> clients = group();
    final RdmaServerEndpoint<ActiveEndpoint> listener;

    ActivePair() throws Exception {
        listener = servers.createServerEndpoint();
        listener.bind(new InetSocketAddress(RxeDevice.find().address(), 0), 10);
    }

    static RdmaActiveEndpointGroup<ActiveEndpoint> group() throws IOException {
        RdmaActiveEndpointGroup<ActiveEndpoint> group =
                new RdmaActiveEndpointGroup<>(GROUP_MILLIS, false, REQUESTS, 4, 2 * REQUESTS);
        group.init((id, serverSide) -> new ActiveEndpoint(group, id, serverSide));
        return group;
    }

    SocketAddress address() throws Exception {
        return listener.getSrcAddr();
    }

    /** A client and its peer on the server. */
    Connected connect() throws Exception {
        CompletableFuture<ActiveEndpoint> accepted = CompletableFuture.supplyAsync(this::accept);
        ActiveEndpoint client = clients.createEndpoint();
        client.connect(address(), RESOLVE_MILLIS);
        return new Connected(client, accepted.get(20, TimeUnit.SECONDS));
    }

    private ActiveEndpoint accept() {
        try {
            return listener.accept();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    void close() throws IOException, InterruptedException {
        clients.close();
        listener.close();
        servers.close();
    }

    /** Both ends of a connection. */
    record Connected(ActiveEndpoint client, ActiveEndpoint server) {}
}
