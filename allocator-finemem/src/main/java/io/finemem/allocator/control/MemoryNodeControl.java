package io.finemem.allocator.control;

import io.finemem.api.AuthenticationFailed;
import io.finemem.api.InvalidRequest;
import io.finemem.api.OperationTimeout;
import io.finemem.api.OutOfLocalResources;
import io.finemem.api.OwnerFenced;

/**
 * One peer's session with a memory node. Everything that was made through the session ends with it.
 *
 * <p>The peer has been authenticated before it gets a session; its name is what the node logs.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread; calls are served one after the other.
 */
public interface MemoryNodeControl extends AutoCloseable {

    /** Most slots of one {@link #resolve}. */
    int MAX_RESOLVED_SLOTS = 1024;

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
     * Registers the peer as an owner that outlives its session: when that ends without {@link #leave}, connections of purpose
     * {@link ConnectionPurpose#METADATA} are fenced and those of purpose {@link ConnectionPurpose#HEAP} go on; the owner is taken for
     * dead if it is not {@linkplain #resume resumed} before its lease ends.
     *
     * @throws InvalidRequest if the session has an owner already
     * @throws OutOfLocalResources if the node has no journal space left
     */
    ResumableGrant registerResumable();

    /**
     * Takes a resumable owner over; an earlier session that still has it loses it now. After the return no chain of an earlier
     * session executes any more.
     *
     * @throws InvalidRequest if the session has an owner already
     * @throws AuthenticationFailed if the token is not that of the owner, or the owner is not resumable
     * @throws OwnerFenced if the owner was declared dead, or resumed by another session meanwhile
     * @throws OperationTimeout if an earlier session's connection does not come to rest, or too many slots are still being decided;
     *     to be repeated
     */
    ResumedGrant resume(int ownerId, ResumeToken token);

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
     * @throws InvalidRequest if the session has no owner, or the descriptor is none
     * @throws OwnerFenced if the owner was declared dead
     */
    ServedEnd connect(ConnectionPurpose purpose, byte[] descriptor);

    /**
     * Fences the node's end of a connection: after the return nothing that was posted on it executes.
     *
     * @param connection {@link ServedEnd#id()}
     * @throws InvalidRequest if the session has no such connection
     */
    void disconnect(int connection);

    /**
     * Says that the owner is alive; at least four times per lease.
     *
     * @param settled the latest settle request that the owner has answered, 0 if there was none
     * @return with the latest settle request: if it is greater than {@code settled}, the owner must confirm or erase each of its
     *     journal slots that no chain is under way for, and those of chains under way once they are done; and before that, take
     *     note of the state
     * @throws OwnerFenced if the owner was declared dead
     */
    HeartbeatReply heartbeat(long settled);

    /**
     * Finds out what a broken connection left undecided, and decides it: an interrupted allocation is given up, an interrupted
     * free is completed, an interrupted opening or closing of a span is ended. The slots are empty afterwards.
     *
     * @param slots up to {@link #MAX_RESOLVED_SLOTS} journal slots of the owner whose chains were cut off; their connection must have been {@linkplain
     *     #disconnect disconnected}
     * @return those that are decided by now and may be used again; ask again for the others
     * @throws InvalidRequest if a slot is not the owner's
     * @throws OwnerFenced if the owner was declared dead; its recovery decides
     */
    int[] resolve(int[] slots);

    /**
     * The owner goes in order: its connections are fenced, and whatever it still holds is reclaimed. Returns when that is done,
     * or goes on in the background.
     *
     * @throws InvalidRequest if the session has no owner
     */
    void leave();

    /** Walks over all metadata and reports per invariant; other owners may go on working meanwhile. */
    AuditReport audit();

    /** Adds up how the pool is used; owners may go on working meanwhile. */
    PoolReport inspect();

    /** Few numbers on how the node is doing. */
    NodeStatistics statistics();

    /**
     * Tells owners, with their next heartbeats, to allocate elsewhere, or that they may allocate here again. What they claim until
     * they hear of it is as good as any other block.
     *
     * @return how it stands then
     */
    NodeStatistics drain(boolean drain);

    /**
     * Stops the memory node if nothing can be lost by that: it is draining, it is empty, and every owner has said since that it
     * claims nothing there any more.
     *
     * @throws InvalidRequest if it is not draining, or not empty
     * @throws OperationTimeout if an owner does not answer within its lease; to be repeated
     */
    void stop();

    /**
     * Ends the session. An owner that did not {@linkplain #leave leave} is taken for dead: fenced, and its memory reclaimed; at once,
     * or if it is resumable, at the end of its lease.
     */
    @Override
    void close();
}
