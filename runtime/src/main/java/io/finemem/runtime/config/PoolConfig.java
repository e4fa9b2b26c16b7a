package io.finemem.runtime.config;

import io.finemem.allocator.control.BlockKeys;
import io.finemem.allocator.control.Isolation;
import io.finemem.runtime.numa.NumaWish;
import java.time.Duration;
import java.util.SortedSet;

/**
 * What a memory node gives away.
 *
 * @param name of the memory node
 * @param bytes length of the pool, a positive multiple of 2 MiB
 * @param labels what it is said to be, for placement
 * @param isolation how blocks are guarded
 * @param blockKeys what gives a block a key of its own in strict isolation
 * @param zeroOnFree whether a block is zeroed before it can be allocated again
 * @param maxOwners owners registered at a time, also if that was left to the size of the pool
 * @param lease an owner without a sign of life for that long is taken for dead
 * @param fenceTimeout upper bound of the wait when an owner's connection is fenced
 * @param numaNode where on the machine its memory lies
 */
public record PoolConfig(
        String name,
        long bytes,
        SortedSet<String> labels,
        Isolation isolation,
        BlockKeys blockKeys,
        boolean zeroOnFree,
        int maxOwners,
        Duration lease,
        Duration fenceTimeout,
        NumaWish numaNode) {}
