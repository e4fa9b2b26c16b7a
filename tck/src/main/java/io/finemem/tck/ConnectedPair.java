package io.finemem.tck;

import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionOptions;
import io.finemem.spi.transport.ProtectionDomain;

/**
 * Two connected ends in one process: one that initiates and one whose domain serves. Either may post.
 *
 * <p><b>Thread-safety.</b> As its connections.
 *
 * @param initiator end that normally posts
 * @param server end whose domain the initiator's chains reach
 */
public record ConnectedPair(Connection initiator, Connection server) implements AutoCloseable {

    /** Connects two domains with the default options. */
    public static ConnectedPair connect(ProtectionDomain initiating, ProtectionDomain serving) {
        return connect(initiating, ConnectionOptions.of("server"), serving, ConnectionOptions.of("initiator"));
    }

    /** Connects a domain with itself, as needed to bind its windows. */
    public static ConnectedPair loopBack(ProtectionDomain domain) {
        return connect(domain, domain);
    }

    /** Connects two domains; nothing is left behind if that fails. */
    public static ConnectedPair connect(
            ProtectionDomain initiating,
            ConnectionOptions initiatorOptions,
            ProtectionDomain serving,
            ConnectionOptions serverOptions) {
        Connection initiator = initiating.newConnection(initiatorOptions);
        Connection server = null;
        try {
            server = serving.newConnection(serverOptions);
            byte[] initiatorDescriptor = initiator.descriptor();
            byte[] serverDescriptor = server.descriptor();
            server.connect(initiatorDescriptor);
            initiator.connect(serverDescriptor);
            return new ConnectedPair(initiator, server);
        } catch (RuntimeException e) {
            initiator.close();
            if (server != null) {
                server.close();
            }
            throw e;
        }
    }

    /** Closes the server first, so that nothing of the initiator executes while it goes. */
    @Override
    public void close() {
        try {
            server.close();
        } finally {
            initiator.close();
        }
    }
}
