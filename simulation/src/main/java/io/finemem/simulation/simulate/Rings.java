package io.finemem.simulation.simulate;

import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.layout.RevokeEntry;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * The revoke rings of a memory node, and what its agent knows of them: how many entries from the head on were in a batch, and
 * how many of these are in doubt. An agent that begins again takes all entries that it finds for in doubt.
 */
final class Rings {
    private final Node node;
    private final MetadataLayout layout;
    private final int ring;
    private final int[] taken;
    private final int[] unsure;

    /**
     * @param ring entries of each, 0 in direct isolation
     */
    Rings(Node node, int ring) {
        this.node = node;
        this.layout = node.layout;
        this.ring = ring;
        this.taken = new int[layout.journalSegments()];
        this.unsure = new int[layout.journalSegments()];
    }

    long head(int segment) {
        return node.word(layout.revokeHead(segment));
    }

    /** Entries from the head on. */
    int entries(int segment) {
        if (ring == 0) {
            return 0;
        }
        long head = head(segment);
        int count = 0;
        while (count < ring && present(segment, head + count)) {
            count++;
        }
        return count;
    }

    private boolean present(int segment, long position) {
        int lap = RevokeEntry.lap(node.word(layout.revokeEntry(segment, position)));
        return lap == RevokeEntry.lapOf(position, ring);
    }

    private int slot(int segment, long position) {
        return RevokeEntry.slot(node.word(layout.revokeEntry(segment, position)));
    }

    /** Whether an entry, not done with, names a slot. */
    boolean names(int slot) {
        int segment = layout.segmentOf(slot);
        long head = head(segment);
        for (int i = entries(segment) - 1; i >= 0; i--) {
            if (slot(segment, head + i) == slot) {
                return true;
            }
        }
        return false;
    }

    boolean toSweep(int segment) {
        return entries(segment) > taken[segment];
    }

    /** Position of the first entry that was in no batch. */
    long next(int segment) {
        return head(segment) + taken[segment];
    }

    /** Whether no entry is in doubt, so that the head may move. */
    boolean sure(int segment) {
        return unsure[segment] == 0;
    }

    /** Nothing is asked for. */
    boolean idle() {
        for (int segment = 0; segment < taken.length && ring > 0; segment++) {
            if (entries(segment) > 0 || taken[segment] > 0) {
                return false;
            }
        }
        return true;
    }

    /** The entries before a position were in a batch; behind entries in doubt they are in doubt as well. */
    void taken(int segment, long position) {
        taken[segment] = (int) Math.max(position - head(segment), taken[segment]);
        unsure[segment] = unsure[segment] == 0 ? 0 : taken[segment];
    }

    /** Those that were in a batch are in doubt. */
    void doubt(int segment) {
        unsure[segment] = taken[segment];
    }

    void agentRestarted() {
        for (int segment = 0; segment < taken.length && ring > 0; segment++) {
            taken[segment] = entries(segment);
            unsure[segment] = taken[segment];
        }
    }

    /** Adds the slots of owners alive that entries in doubt name. */
    void addDoubts(Set<Integer> slots) {
        for (int segment = 0; segment < taken.length; segment++) {
            Client client = node.segments[segment];
            boolean alive = client != null && client.state == Client.State.LIVE;
            for (int i = 0; i < unsure[segment] && alive; i++) {
                slots.add(slot(segment, head(segment) + i));
            }
        }
    }

    /** Whether a ring has entries in doubt, and the slots of all of them are erased. */
    boolean decided(int segment, IntPredicate erased) {
        boolean all = unsure[segment] > 0;
        for (int i = 0; i < unsure[segment]; i++) {
            all &= erased.test(slot(segment, head(segment) + i));
        }
        return all;
    }

    /** A word was written: if it is a head, all entries that were in a batch are done with. */
    void written(long offset) {
        long segment = ring == 0 ? -1 : (offset - layout.revokeHead(0)) / Long.BYTES;
        if (segment >= 0 && segment < taken.length && offset >= layout.revokeHead(0)) {
            taken[(int) segment] = 0;
            unsure[(int) segment] = 0;
        }
    }

    /** The segment gets another owner. */
    void empty(int segment) {
        node.setWord(layout.revokeHead(segment), 0);
        for (int i = 0; i < ring; i++) {
            node.setWord(layout.revokeEntry(segment, i), 0);
        }
        taken[segment] = 0;
        unsure[segment] = 0;
    }
}
