package io.finemem.service.server;

import io.finemem.api.MemoryNodeLost;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What a session held on memory nodes that were lost while the service was away, until its application gives it up. It counts for
 * quotas as other blocks of lost nodes do. Not thread-safe.
 */
final class LostBlocks {
    /** Bytes by handle. */
    private final Map<Long, Long> lengths = new HashMap<>();

    private final Set<Long> taken = new HashSet<>();

    void add(long handle, long length) {
        lengths.put(handle, length);
    }

    Set<Long> handles() {
        return lengths.keySet();
    }

    int count() {
        return lengths.size();
    }

    long bytes() {
        return lengths.values().stream().mapToLong(Long::longValue).sum();
    }

    boolean holds(long handle) {
        return lengths.containsKey(handle);
    }

    boolean holdsAnyOf(long[] handles) {
        for (long handle : handles) {
            if (holds(handle)) {
                return true;
            }
        }
        return false;
    }

    /** To be {@linkplain #end ended} or {@linkplain #restore restored}; false if there is none of that name, or it is taken. */
    boolean take(long handle) {
        return holds(handle) && taken.add(handle);
    }

    /** Takes none. */
    void restore() {
        taken.clear();
    }

    /** The application has given up a block that was taken; its length. */
    long end(long handle) {
        taken.remove(handle);
        Long length = lengths.remove(handle);
        return length == null ? 0 : length;
    }

    /** There are none any more. */
    void clear() {
        lengths.clear();
        taken.clear();
    }

    static MemoryNodeLost failure(long handle) {
        return new MemoryNodeLost(
                "the memory node of this block was lost while the allocation service was away; what it held is gone",
                "handle",
                Long.toHexString(handle));
    }
}
