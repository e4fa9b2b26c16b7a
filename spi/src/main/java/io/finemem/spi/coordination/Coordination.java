package io.finemem.spi.coordination;

import io.finemem.api.InvalidConfiguration;
import io.finemem.api.InvalidRequest;
import io.finemem.api.MemoryClosed;
import java.util.Set;

/**
 * One process's access to the directory. The rules C1 to C10 stand in the
 * {@linkplain io.finemem.spi.coordination package}.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread, also from a listener. {@link #view},
 * {@link #status} and {@link #features} never block; the others wait for the directory, at most for the provider's
 * time limit. After {@link #close} all of them but {@link #view}, {@link #status} and {@link #features} throw
 * {@link MemoryClosed}.
 */
public interface Coordination extends AutoCloseable {

    /** What this provider can do. */
    Set<CoordinationFeature> features();

    /** Whether the directory is reached, and how old the view is. */
    CoordinationStatus status();

    /** The newest view known here; while disconnected, the last one. */
    ClusterView view();

    /** Tells a listener of the present view and of all later ones, until the subscription is closed. */
    Subscription watch(ClusterListener listener);

    /**
     * Registers a memory node of this process and keeps its lease alive.
     *
     * @param node the node in state {@code JOINING} or {@code SERVING}
     * @throws InvalidConfiguration if the name is taken by a living node at another address
     * @throws CoordinationUnavailable if the directory cannot be reached
     * @throws CoordinationUnsupported without {@link CoordinationFeature#REGISTRATION}
     */
    MemoryNodeRegistration registerMemoryNode(MemoryNodeEntry node);

    /**
     * Registers an owner of this process under a new incarnation and keeps its lease alive.
     *
     * @param name what people call it, 1 to 64 characters as in {@link MemoryNodeEntry#name}; need not be unique
     * @throws CoordinationUnavailable if the directory cannot be reached
     * @throws CoordinationUnsupported without {@link CoordinationFeature#OWNERS}
     */
    OwnerRegistration registerOwner(String name);

    /**
     * Declares an owner dead, for everybody and for ever. Whoever calls this has fenced the owner or is about to. In
     * the view of this object the owner is dead when the call returns. Calling it again changes nothing.
     *
     * @return {@code PENDING} if the directory could not be told yet; this object will do so
     * @throws InvalidRequest if the incarnation was never given to anybody
     * @throws CoordinationUnsupported without {@link CoordinationFeature#OWNERS}
     */
    Announcement declareDead(OwnerIdentity owner);

    /**
     * A barrier that is shared by all processes that name it.
     *
     * @param name 1 to 64 characters as in {@link MemoryNodeEntry#name}
     * @param parties 1 or more
     * @throws CoordinationUnsupported without {@link CoordinationFeature#BARRIERS}
     */
    Barrier barrier(String name, int parties);

    /**
     * Closes all registrations in good order, as far as the directory can be reached in time, and ends the background
     * work. Calling it again does nothing.
     */
    @Override
    void close();
}
