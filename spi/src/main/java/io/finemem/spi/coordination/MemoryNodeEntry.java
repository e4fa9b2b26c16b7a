package io.finemem.spi.coordination;

import io.finemem.api.InvalidRequest;
import io.finemem.spi.settings.NetworkAddress;

/**
 * A memory node as the directory lists it. What it says is a hint: the node's identity and boot nonce are checked on
 * the control channel.
 *
 * @param name unique in the cluster, 1 to 64 characters of {@code A-Z a-z 0-9 . _ : @ -}
 * @param controlAddress where its control channel listens
 * @param bootNonce random number of this run of the node, 0 if not known; a node with another one has new memory
 * @param transport name of the transport that it serves, empty if not known
 * @param capacityBytes size of its heap in bytes, 0 if not known
 * @param state what it is doing
 */
public record MemoryNodeEntry(
        String name,
        NetworkAddress controlAddress,
        long bootNonce,
        String transport,
        long capacityBytes,
        MemoryNodeState state) {

    /** Checks name, transport and capacity. */
    public MemoryNodeEntry {
        MemberName.check(name, "a memory node");
        if (!transport.isEmpty()) {
            MemberName.check(transport, "a transport");
        }
        if (capacityBytes < 0) {
            throw new InvalidRequest("the capacity of a memory node is negative", "capacityBytes", capacityBytes);
        }
    }

    /** The same node in another state. */
    public MemoryNodeEntry withState(MemoryNodeState newState) {
        return new MemoryNodeEntry(name, controlAddress, bootNonce, transport, capacityBytes, newState);
    }
}
