package io.finemem.allocator.owner;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.procedure.WriteSlots;
import io.finemem.api.OutOfLocalResources;
import io.finemem.spi.transport.ConnectionLost;
import org.jspecify.annotations.Nullable;

/**
 * One worker's way to one memory node: chooses the search that fits the size, and keeps journal slots and blocks together.
 *
 * <p><b>Thread-safety.</b> Used by the thread that holds the worker.
 */
final class Lane {
    private final LaneContext context;
    private final ChunkSearch chunks;
    private final SpanSearch spans;
    private final BlockFrees frees;
    private final Stash stash;
    private final @Nullable Revocations revocations;
    /** Bytes claimed through this lane, less those freed, since the node told how many are free. */
    private long claimedSince;

    private int reading;
    private boolean closed;

    Lane(LaneContext context, AllocatorOptions options) {
        this.context = context;
        this.chunks = new ChunkSearch(context, options);
        this.spans = new SpanSearch(context);
        this.frees = new BlockFrees(context, spans);
        this.stash = new Stash(options.runAhead());
        this.revocations = context.revocations();
    }

    LaneContext context() {
        return context;
    }

    NodeSession node() {
        return context.node();
    }

    /** Bytes that are free there, as far as is known here. */
    long freeBytes() {
        int latest = node().readings();
        if (latest != reading) {
            reading = latest;
            claimedSince = 0;
        }
        return Math.max(0, node().freeBytes() - claimedSince);
    }

    /** Bytes were claimed through this lane, or freed if it is less than 0. */
    void countClaimed(long bytes) {
        claimedSince += bytes;
    }

    /** Compare-and-swaps that found another value. */
    long retries() {
        return context.retries();
    }

    /**
     * Claims a block, or more of those wanted if one compare-and-swap can do it.
     *
     * @param bytes length of each, 1 or more
     * @param claims says how many are wanted, and takes the places of those claimed
     * @return whether there was room for one
     */
    boolean allocate(long bytes, Claims claims) {
        long sections = Geometry.sectionsOf(bytes);
        if (sections > context.layout().sections()) {
            return false;
        }
        try {
            offerSlots(Geometry.orderOf(bytes), claims);
            boolean claimed = claim(bytes, (int) sections, claims);
            while (!claimed && revocations != null && revocations.awaitAny()) {
                claimed = claim(bytes, (int) sections, claims);
            }
            if (!claimed && revocations != null && revocations.awaitOfAllOwners()) {
                claimed = claim(bytes, (int) sections, claims);
            }
            return claimed;
        } finally {
            for (int i = claims.size(); i < claims.offered(); i++) {
                context.giveUnlessInDoubt(claims.slot(i));
            }
        }
    }

    /** A slot for each block that is wanted and fits the word; fewer where slots are short. */
    private void offerSlots(int order, Claims claims) {
        int most = Math.min(claims.wanted(), Geometry.blocksOfWord(order));
        while (claims.offered() < most) {
            try {
                int slot = context.takeSlot();
                claims.offer(slot, context.journalSlot(slot));
            } catch (OutOfLocalResources e) {
                if (claims.offered() == 0) {
                    throw e;
                }
                if (claims.offered() > 1) {
                    context.slots().give(claims.withdraw()); // for the transition of a span
                }
                return;
            }
        }
    }

    /** Blocks of 4 to 64 KiB that are held though no application has them. */
    Stash stash() {
        return stash;
    }

    /**
     * Keeps a freed block for a later allocation instead of freeing it, if there is room: only in direct isolation, since
     * otherwise its rkey has to die.
     *
     * @param block marked as freed
     * @return whether it is kept, under a new name
     */
    boolean keep(OwnedBlock block) {
        int order = Geometry.orderOf(block.length());
        if (revocations != null || !stash.hasRoom(order) || chunks.scarce() || !block.canBeKept()) {
            return false;
        }
        OwnedBlock kept = stash.vacant(node());
        kept.takeNextHolding(block);
        node().slots().setBlock(kept.slot(), kept);
        stash.put(order, kept);
        return true;
    }

    /** After a search that found no room: whether the pool has changed since, or a span was in transition or frozen. */
    boolean moved() {
        return context.moved();
    }

    /** Free journal slots that are at the lane's hand. */
    int[] freeSlots() {
        int[] free = new int[context.slots().size()];
        for (int i = 0; i < free.length; i++) {
            free[i] = context.slots().get(i);
        }
        return free;
    }

    /** Writes journal slots; leaves nothing in doubt. */
    void write(WriteSlots writes) {
        context.driver().run(writes);
    }

    /** Replaces the metadata connection after it failed; what was under way is in doubt and decided in the background. */
    void reconnect() {
        context.reconnect();
    }

    private boolean claim(long bytes, int sections, Claims claims) {
        int order = Geometry.orderOf(bytes);
        if (order < Geometry.SPAN_ORDER) {
            return chunks.claim(order, claims);
        }
        if (order <= Geometry.SECTION_ORDER) {
            return spans.claimSpans(order - Geometry.SPAN_ORDER, claims);
        }
        return spans.claimSections(sections, claims);
    }

    /**
     * Frees a block and its slot; in strict isolation asks for that.
     *
     * @throws ConnectionLost if the connection failed; the free is in doubt, {@link #reconnect} and {@link #completeFree} must
     *     follow
     */
    void free(OwnedBlock block) {
        if (revocations != null) {
            if (!revocations.free(block)) {
                context.reconnect(); // and asks again
            }
            return;
        }
        node().slots().setBlock(block.slot(), null);
        if (block.type() == JournalSlot.CHUNKS) {
            chunks.free(block);
        } else {
            spans.free(block);
        }
        context.slots().give(block.slot());
    }

    /** Frees of many blocks in few chains; null in strict isolation, where each is asked for by itself. */
    @Nullable
    BlockFrees freesInChains() {
        return revocations == null ? frees : null;
    }

    /**
     * A free that a broken connection cut off: the memory node completes a direct one. A strict one fails before anything was
     * asked, or not at all.
     */
    void completeFree(OwnedBlock block) {
        if (revocations != null) {
            free(block);
        }
    }

    /** In strict isolation: waits until the blocks freed by this owner are revoked, or the time is over. */
    void awaitRevocations(long nanos) {
        if (revocations != null) {
            revocations.awaitAll(nanos);
        }
    }

    /** In strict isolation: a free that was posted on a connection that failed is posted again, also if nothing follows it. */
    void lookAfterRevocations() {
        if (revocations == null) {
            return;
        }
        try {
            revocations.lookAfterPosted();
        } catch (ConnectionLost e) {
            context.reconnect();
        }
    }

    /** After a free: closes its span if it is empty and the lane keeps enough empty ones. */
    void trim(OwnedBlock block) {
        if (block.type() == JournalSlot.CHUNKS) {
            chunks.trim(block.unit());
        }
    }

    /** As {@link #trim(OwnedBlock)}, for a span of chunks. */
    void trim(int span) {
        chunks.trim(span);
    }

    /** Closes all empty spans that the lane knows. */
    void closeEmptySpans() {
        chunks.closeEmptySpans();
    }

    /** Releases the connection; later calls do nothing. */
    void close() {
        if (!closed) {
            closed = true;
            context.driver().close();
        }
    }
}
