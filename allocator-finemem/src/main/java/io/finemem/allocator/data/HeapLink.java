package io.finemem.allocator.data;

import io.finemem.spi.transport.Connection;

/**
 * A data connection to a memory node, with the name of the node's end.
 *
 * @param connection this side's end, connected
 * @param servedId the node's end, as the {@link HeapConnector} knows it
 */
public record HeapLink(Connection connection, int servedId) {}
