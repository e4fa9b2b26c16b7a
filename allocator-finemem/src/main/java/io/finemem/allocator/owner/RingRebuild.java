package io.finemem.allocator.owner;

import io.finemem.allocator.driver.ChainDriver;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.layout.RevokeEntry;
import io.finemem.allocator.procedure.ReadWords;
import io.finemem.allocator.procedure.WithdrawRevokes;
import io.finemem.api.ProtocolViolation;
import java.util.HashMap;
import java.util.Map;

/**
 * Goes on with a revoke ring that an owner's predecessor wrote, of whom nothing executes any more.
 *
 * <pre>
 *   head                 tail             head + entries
 *    | written ... written | missing  written  missing ... |
 *      the node revokes      withdrawn: their blocks are in doubt, like that of the missing entry
 * </pre>
 *
 * Several workers take positions and then write, so that one who was cut off leaves a gap. The node never goes beyond it, so that
 * what is behind it can be taken back.
 */
final class RingRebuild {
    private final MetadataLayout layout;
    private final ChainDriver driver;
    private final RevokeRing ring;
    private final WithdrawRevokes withdraw;

    RingRebuild(MetadataLayout layout, ChainDriver driver, RevokeRing ring) {
        this.layout = layout;
        this.driver = driver;
        this.ring = ring;
        this.withdraw = new WithdrawRevokes(layout, ring.segment()).prepare();
    }

    /** Journal slots whose blocks are being revoked, with the positions of their entries. */
    Map<Integer, Long> run() {
        ReadWords headWord = new ReadWords().prepare();
        headWord.add(layout.revokeHead(ring.segment()));
        driver.run(headWord);
        long head = headWord.value(0);
        long[] entries = readEntries();
        Map<Integer, Long> revoking = new HashMap<>();
        long tail = head;
        while (tail - head < entries.length && written(entries, tail)) {
            revoking.put(slot(entries, tail), tail);
            tail++;
        }
        for (long position = tail; position - head < entries.length; position++) {
            if (written(entries, position)) {
                withdraw(position);
            }
        }
        driver.run(withdraw);
        ring.goOn(head, tail);
        return revoking;
    }

    private long[] readEntries() {
        long[] entries = new long[layout.ringEntries()];
        driver.readWords(layout.revokeEntry(ring.segment(), 0), entries.length);
        for (int i = 0; i < entries.length; i++) {
            entries[i] = driver.bulkWord(i);
        }
        return entries;
    }

    private static boolean written(long[] entries, long position) {
        long entry = entries[(int) (position % entries.length)];
        return RevokeEntry.lap(entry) == RevokeEntry.lapOf(position, entries.length);
    }

    private int slot(long[] entries, long position) {
        int slot = RevokeEntry.slot(entries[(int) (position % entries.length)]);
        if (layout.segmentOf(slot) != ring.segment()) {
            throw new ProtocolViolation(
                    "a revoke ring names a slot of another segment: the metadata is corrupted",
                    "segment",
                    ring.segment(),
                    "slot",
                    slot);
        }
        return slot;
    }

    private void withdraw(long position) {
        if (withdraw.size() == WithdrawRevokes.CAPACITY) {
            driver.run(withdraw);
            withdraw.prepare();
        }
        withdraw.add(position);
    }
}
