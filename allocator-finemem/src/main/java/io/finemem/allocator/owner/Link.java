package io.finemem.allocator.owner;

import io.finemem.spi.transport.Connection;

/**
 * A connection to a memory node, with the name of the node's end.
 *
 * @param connection this side's end
 * @param servedId the node's end, as its control session knows it
 */
record Link(Connection connection, int servedId) {}
