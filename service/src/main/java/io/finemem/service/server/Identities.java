package io.finemem.service.server;

import io.finemem.allocator.resume.BlockIdentity;
import io.finemem.api.RemoteBlock;

/**
 * Names blocks for the next run of the service, without garbage.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread.
 */
public interface Identities {
    /** Tells the identity of a block of the service's owner. */
    void identify(RemoteBlock block, BlockIdentity.Target target);

    /** Returns once the next run can resume this owner at that memory node, if it can at all. */
    void makeResumable(long bootNonce, int ownerId);
}
