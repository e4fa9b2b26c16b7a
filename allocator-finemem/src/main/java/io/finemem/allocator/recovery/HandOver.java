package io.finemem.allocator.recovery;

import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.procedure.Procedure;
import io.finemem.allocator.procedure.StateSink;
import io.finemem.allocator.procedure.WordChain;
import io.finemem.allocator.procedure.WordResults;

/**
 * Moves a held block from a slot of one owner to a free slot of another. Run by the memory node's one resolver only, never
 * while RESOLVE runs (rule R18): a scan could read the receiving slot before and the giving one after, and see neither.
 *
 * <pre>
 *   1  READ giving slot, READ receiving slot      refused unless OWNED units, and nothing
 *   2  WRITE intent: slots, then entry            from here on it is completed
 *   3  WRITE receiving slot = OWNED
 *   4  WRITE giving slot = 0
 *   5  WRITE intent = 0                           answered to both owners after this only
 * </pre>
 *
 * Both owners leave these slots alone until they are answered. Whoever is fenced meanwhile, it is completed, and recovery
 * comes after it. A resolver that begins runs it {@linkplain #prepareToComplete to complete} the intent before anything else.
 */
public final class HandOver implements Procedure {
    private enum Phase {
        READ_INTENT,
        READ_SLOTS,
        WRITE_INTENT,
        WRITE_RECEIVING,
        WRITE_GIVING,
        CLEAR_INTENT,
        HANDED_OVER,
        REFUSED,
        NOTHING_TO_DO,
        IN_DOUBT
    }

    private final MetadataLayout layout;
    private Phase phase = Phase.NOTHING_TO_DO;
    private int giving;
    private int receiving;
    private long entry;

    /** A hand-over that is to be prepared. */
    public HandOver(MetadataLayout layout) {
        this.layout = layout;
    }

    /**
     * Starts over with a block.
     *
     * @param givingSlot index in the journal of the slot that says OWNED
     * @param receivingSlot index in the journal of an empty slot
     */
    public HandOver prepare(int givingSlot, int receivingSlot) {
        giving = givingSlot;
        receiving = receivingSlot;
        entry = 0;
        phase = Phase.READ_SLOTS;
        return this;
    }

    /** Starts over to complete what a resolver that was cut off has begun. */
    public HandOver prepareToComplete() {
        entry = 0;
        phase = Phase.READ_INTENT;
        return this;
    }

    @Override
    public boolean next(WordChain chain) {
        switch (phase) {
            case READ_INTENT -> {
                chain.read(layout.handOverEntry());
                chain.read(layout.handOverSlots());
            }
            case READ_SLOTS -> {
                chain.read(layout.journalSlot(giving));
                chain.read(layout.journalSlot(receiving));
            }
            case WRITE_INTENT -> {
                chain.write(layout.handOverSlots(), (long) giving << Integer.SIZE | receiving);
                chain.write(layout.handOverEntry(), entry);
            }
            case WRITE_RECEIVING -> chain.write(layout.journalSlot(receiving), entry);
            case WRITE_GIVING -> chain.write(layout.journalSlot(giving), 0);
            case CLEAR_INTENT -> chain.write(layout.handOverEntry(), 0);
            case HANDED_OVER, REFUSED, NOTHING_TO_DO, IN_DOUBT -> {
                return false;
            }
        }
        return true;
    }

    @Override
    public void completed(WordResults results) {
        phase = switch (phase) {
            case READ_INTENT -> intentWasRead(results.word(0), results.word(1));
            case READ_SLOTS -> slotsWereRead(results.word(0), results.word(1));
            case WRITE_INTENT -> Phase.WRITE_RECEIVING;
            case WRITE_RECEIVING -> Phase.WRITE_GIVING;
            case WRITE_GIVING -> Phase.CLEAR_INTENT;
            case CLEAR_INTENT -> Phase.HANDED_OVER;
            case HANDED_OVER, REFUSED, NOTHING_TO_DO, IN_DOUBT -> throw new AssertionError(phase);
        };
    }

    private Phase intentWasRead(long intent, long slots) {
        entry = intent;
        giving = (int) (slots >>> Integer.SIZE);
        receiving = (int) slots;
        return intent == 0 ? Phase.NOTHING_TO_DO : Phase.WRITE_RECEIVING;
    }

    private Phase slotsWereRead(long given, long received) {
        entry = given;
        boolean possible = giving != receiving && JournalSlot.kind(given) == JournalSlot.OWNED && received == 0;
        return possible ? Phase.WRITE_INTENT : Phase.REFUSED;
    }

    /** What was begun is to be {@linkplain #prepareToComplete completed}. */
    @Override
    public void lost() {
        phase = Phase.IN_DOUBT;
    }

    /** Whether the block is in the receiving slot, and the giving one is free. */
    public boolean handedOver() {
        return phase == Phase.HANDED_OVER;
    }

    /** Whether nothing was changed, because the giving slot promised nothing or the receiving one was in use. */
    public boolean refused() {
        return phase == Phase.REFUSED;
    }

    /** What the receiving slot says after the hand-over. */
    public long entry() {
        return entry;
    }

    @Override
    public HandOver copy() {
        HandOver copy = new HandOver(layout);
        copy.phase = phase;
        copy.giving = giving;
        copy.receiving = receiving;
        copy.entry = entry;
        return copy;
    }

    @Override
    public void state(StateSink sink) {
        sink.number(phase.ordinal());
        sink.number(giving);
        sink.number(receiving);
        sink.number(entry);
    }
}
