package io.finemem.allocator.control;

import io.finemem.api.InvalidRequest;
import io.finemem.api.OutOfLocalResources;

/**
 * One peer's session with a memory node. Everything that was made through the session ends with it.
 *
 * <p>The peer has been authenticated before it gets a session; its name is what the node logs.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread; calls are served one after the other.
 */
public interface MemoryNodeControl extends AutoCloseable {

    /** The pool. */
    PoolDescription describe();

    /**
     * Registers the peer as an owner; once per session.
     *
     * @throws InvalidRequest if the session has an owner already
     * @throws OutOfLocalResources if the node has no journal space left
     */
    OwnerGrant register();

    /**
     * Gives the session's owner another journal segment.
     *
     * @throws OutOfLocalResources if the node has no journal space left
     */
    JournalSegment growJournal();

    /**
     * Makes the node's end of a connection and connects it to the peer's.
     *
     * @param purpose which domain it serves
     * @param descriptor what {@link io.finemem.spi.transport.Connection#descriptor()} gave at the peer
     * @return the node's descriptor, for {@link io.finemem.spi.transport.Connection#connect}
     * @throws InvalidRequest if the session has no owner
     */
    byte[] connect(ConnectionPurpose purpose, byte[] descriptor);

    /**
     * The owner holds nothing any more and goes: its connections are fenced, its journal is given back.
     *
     * @throws InvalidRequest if a journal slot of the owner still covers memory in use; the owner is fenced all the same and
     *     its memory stays reserved
     */
    void leave();

    /** Walks over all metadata and reports per invariant; other owners may go on working meanwhile. */
    AuditReport audit();

    /** Ends the session. An owner that did not {@linkplain #leave leave} is taken for dead and fenced. */
    @Override
    void close();
}
