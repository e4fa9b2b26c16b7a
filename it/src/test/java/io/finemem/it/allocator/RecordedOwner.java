package io.finemem.it.allocator;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.allocator.control.ResumeToken;
import io.finemem.allocator.resume.BlockIdentity;
import io.finemem.allocator.resume.ResumeTicket;
import io.finemem.allocator.resume.ResumedBlock;
import io.finemem.allocator.resume.Resumption;
import io.finemem.api.BlockHandle;
import io.finemem.api.RemoteBlock;
import io.finemem.spi.transport.Transport;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What outlives an owner's process: its tickets, and a record of every block that was handed out and is not being freed. May be used
 * by several threads.
 */
final class RecordedOwner {
    private final Map<BlockIdentity, BlockHandle> records = new LinkedHashMap<>();
    private List<byte[]> tickets = List.of();
    private long stamps;
    private final Map<BlockIdentity, Long> content = new LinkedHashMap<>();

    /** Opens the owner, or its successor. */
    FineMemAllocator open(Transport transport, List<? extends MemoryNodeControl> sessions, AllocatorOptions options) {
        return FineMemAllocator.openResumable(transport, List.copyOf(sessions), options, resumption(), this::store);
    }

    synchronized void store(List<ResumeTicket> all) {
        tickets = all.stream().map(ResumeTicket::toBytes).toList();
    }

    /** What a successor is opened with, as it was stored. */
    synchronized Resumption resumption() {
        return new Resumption(
                tickets.stream().map(ResumeTicket::of).toList(),
                records.keySet().stream().map(RecordedOwner::stored).toList());
    }

    /** The tickets are somebody else's. */
    void forgeTokens() {
        tickets = tickets.stream()
                .map(ResumeTicket::of)
                .map(ticket -> new ResumeTicket(
                        ticket.memoryNode(),
                        ticket.bootNonce(),
                        ticket.ownerId(),
                        ticket.incarnation(),
                        ResumeToken.random()))
                .map(ResumeTicket::toBytes)
                .toList();
    }

    /** A list with its first element once more. */
    static <T> List<T> twice(Collection<T> list) {
        List<T> more = new ArrayList<>(list);
        more.add(more.get(0));
        return more;
    }

    synchronized void clear() {
        records.clear();
        content.clear();
        tickets = List.of();
    }

    private static BlockIdentity stored(BlockIdentity identity) {
        ByteBuffer bytes = ByteBuffer.allocate(BlockIdentity.BYTES);
        identity.put(bytes);
        return BlockIdentity.get(bytes.flip());
    }

    RemoteBlock allocate(FineMemAllocator memory, long bytes) {
        return record(memory, memory.allocate(bytes));
    }

    List<RemoteBlock> allocateAll(FineMemAllocator memory, long bytes, int count) {
        return memory.allocateAll(bytes, count).stream()
                .map(block -> record(memory, block))
                .toList();
    }

    private RemoteBlock record(FineMemAllocator memory, RemoteBlock block) {
        BlockIdentity identity = memory.identify(block);
        long stamp;
        synchronized (this) {
            assertThat(records.put(identity, block.handle())).isNull();
            stamp = ++stamps;
        }
        long before = block.fetchAdd(block.length() - Long.BYTES, 0);
        block.fetchAdd(block.length() - Long.BYTES, stamp - before);
        synchronized (this) {
            content.put(identity, stamp);
        }
        return block;
    }

    void free(FineMemAllocator memory, RemoteBlock block) {
        forget(memory, block);
        memory.free(block);
    }

    void freeAll(FineMemAllocator memory, List<RemoteBlock> blocks) {
        blocks.forEach(block -> forget(memory, block));
        memory.freeAll(blocks);
    }

    /** From now on it is being freed. */
    synchronized void forget(FineMemAllocator memory, RemoteBlock block) {
        assertThat(records.remove(memory.identify(block))).isNotNull();
        content.remove(memory.identify(block));
    }

    /** A successor has all blocks, with their content, under the handles that applications have. */
    List<RemoteBlock> assertAllHeld(FineMemAllocator successor, String where) {
        List<RemoteBlock> blocks = new ArrayList<>();
        assertThat(successor.resumed().lost()).as(where).isEmpty();
        for (ResumedBlock resumed : successor.resumed().blocks()) {
            RemoteBlock block = resumed.block();
            assertThat(block.handle()).as(where).isEqualTo(records.get(resumed.identity()));
            assertThat(successor.identify(block)).as(where).isEqualTo(resumed.identity());
            blocks.add(block);
        }
        assertThat(blocks).as(where).hasSize(records.size());
        return blocks;
    }

    /** Every block says what was written into it; one whose first write was cut off says anything. */
    void assertContent(FineMemAllocator memory, List<RemoteBlock> blocks, String where) {
        for (RemoteBlock block : blocks) {
            Long stamp = content.get(memory.identify(block));
            if (stamp != null) {
                assertThat(block.fetchAdd(block.length() - Long.BYTES, 0))
                        .as(where)
                        .isEqualTo(stamp);
            }
        }
    }

    synchronized boolean holds(BlockIdentity identity) {
        return records.containsKey(identity);
    }

    /** Chunks of all blocks recorded. */
    synchronized long chunks() {
        return records.values().stream().mapToLong(BlockHandle::length).sum() / 4096;
    }
}
