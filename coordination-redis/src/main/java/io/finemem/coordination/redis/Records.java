package io.finemem.coordination.redis;

import io.finemem.api.InvalidRequest;
import io.finemem.api.ProtocolViolation;
import io.finemem.spi.coordination.MemoryNodeEntry;
import io.finemem.spi.coordination.MemoryNodeState;
import io.finemem.spi.coordination.OwnerEntry;
import io.finemem.spi.coordination.OwnerIdentity;
import io.finemem.spi.coordination.OwnerState;
import io.finemem.spi.settings.NetworkAddress;

/**
 * Text forms in Redis, readable with {@code redis-cli}:
 *
 * <pre>
 *   memory node   STATE boot-nonce-in-hex host:port transport capacity     "-" for an unknown transport
 *   owner         STATE name
 * </pre>
 */
final class Records {
    private static final String UNKNOWN = "-";
    private static final int NODE_FIELDS = 5;
    private static final int OWNER_FIELDS = 2;
    private static final int HEX = 16;

    private Records() {}

    static String boot(MemoryNodeEntry node) {
        return Long.toHexString(node.bootNonce());
    }

    static String write(MemoryNodeEntry node) {
        String transport = node.transport().isEmpty() ? UNKNOWN : node.transport();
        return node.state() + " " + boot(node) + " " + node.controlAddress() + " " + transport + " "
                + node.capacityBytes();
    }

    static String write(OwnerEntry owner) {
        return owner.state() + " " + owner.identity().name();
    }

    /** Throws {@link ProtocolViolation} if the record has another form. */
    static MemoryNodeEntry node(String name, String record) {
        String[] fields = record.split(" ", -1);
        try {
            if (fields.length != NODE_FIELDS) {
                throw new IllegalArgumentException(fields.length + " fields instead of " + NODE_FIELDS);
            }
            return new MemoryNodeEntry(
                    name,
                    NetworkAddress.parse(fields[2]),
                    Long.parseUnsignedLong(fields[1], HEX),
                    fields[3].equals(UNKNOWN) ? "" : fields[3],
                    Long.parseLong(fields[4]),
                    MemoryNodeState.valueOf(fields[0]));
        } catch (IllegalArgumentException | InvalidRequest e) {
            throw malformed("a memory node", name, record, e);
        }
    }

    /** Throws {@link ProtocolViolation} if the record has another form. */
    static OwnerEntry owner(String incarnation, String record) {
        String[] fields = record.split(" ", -1);
        try {
            if (fields.length != OWNER_FIELDS) {
                throw new IllegalArgumentException(fields.length + " fields instead of " + OWNER_FIELDS);
            }
            OwnerIdentity identity = new OwnerIdentity(fields[1], Long.parseLong(incarnation));
            return new OwnerEntry(identity, OwnerState.valueOf(fields[0]));
        } catch (IllegalArgumentException | InvalidRequest e) {
            throw malformed("an owner", incarnation, record, e);
        }
    }

    private static ProtocolViolation malformed(String what, String key, String record, RuntimeException cause) {
        return new ProtocolViolation(
                cause, "the directory has a malformed record of " + what, "key", key, "record", record);
    }
}
