package io.finemem.allocator.control;

/**
 * The memory node's end of a connection.
 *
 * @param id names the connection within the session, for {@link MemoryNodeControl#disconnect}
 * @param descriptor for {@link io.finemem.spi.transport.Connection#connect} on the peer's side
 */
public record ServedEnd(int id, byte[] descriptor) {}
