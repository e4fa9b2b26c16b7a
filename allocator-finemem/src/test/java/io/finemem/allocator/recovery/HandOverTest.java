package io.finemem.allocator.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.allocator.WordMemory;
import io.finemem.allocator.decision.SectionDecisions;
import io.finemem.allocator.decision.SpanDecisions;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.layout.SpanHeader;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class HandOverTest {
    private static final int GIVER = 1;
    private static final int TAKER = 2;
    private static final int SPAN = 5;
    private static final int BLOCK = 0xf0;
    private static final int OTHER_BLOCK = 0x03;
    /** Chains of a whole hand-over, and of its completion. */
    private static final int CHAINS = 5;

    private static final long OWNED = JournalSlot.owned(JournalSlot.pendingChunks(SPAN, BLOCK));

    private final MetadataLayout layout = new MetadataLayout(4, 4, 8);
    private WordMemory memory = new WordMemory();

    private int slot(int owner, int index) {
        return layout.firstSlot(owner) + index;
    }

    private long entry(int owner, int index) {
        return memory.get(layout.journalSlot(slot(owner, index)));
    }

    private void fill() {
        memory = new WordMemory();
        memory.set(layout.segmentOwner(GIVER), GIVER);
        memory.set(layout.segmentOwner(TAKER), TAKER);
        memory.set(layout.sectionWord(0), SectionDecisions.opened(0, SPAN));
        memory.set(layout.spanHeader(SPAN), SpanDecisions.opened(0, BLOCK | OTHER_BLOCK));
        memory.set(layout.journalSlot(slot(GIVER, 3)), OWNED);
        memory.set(layout.journalSlot(slot(GIVER, 4)), JournalSlot.owned(JournalSlot.pendingChunks(SPAN, OTHER_BLOCK)));
    }

    private HandOver handOver() {
        return new HandOver(layout).prepare(slot(GIVER, 3), slot(TAKER, 2));
    }

    private Set<Integer> holders() {
        Set<Integer> holders = new TreeSet<>();
        if (entry(GIVER, 3) == OWNED) {
            holders.add(GIVER);
        }
        if (entry(TAKER, 2) == OWNED) {
            holders.add(TAKER);
        }
        return holders;
    }

    private int map() {
        return SpanHeader.map(memory.get(layout.spanHeader(SPAN)));
    }

    @Test
    void blockIsInTheOtherOwnersSlotAndNothingElseHasChanged() {
        fill();
        HandOver handOver = handOver();

        memory.run(handOver);

        assertThat(handOver.handedOver()).isTrue();
        assertThat(handOver.entry()).isEqualTo(OWNED);
        assertThat(holders()).containsExactly(TAKER);
        assertThat(entry(GIVER, 4)).isNotZero();
        assertThat(memory.get(layout.handOverEntry())).isZero();
        assertThat(map()).isEqualTo(BLOCK | OTHER_BLOCK);
        assertThat(memory.posted()).containsExactly("READ READ", "WRITE WRITE", "WRITE", "WRITE", "WRITE");
    }

    @Test
    void promiseNamesTheBlockAfterEveryStepAndOneHolderIsLeftOnceARestartedResolverHasCompletedIt() {
        for (int cut = 0; cut <= CHAINS; cut++) {
            for (int secondCut = 0; secondCut <= CHAINS; secondCut++) {
                fill();
                memory.runChains(handOver(), cut);
                assertThat(holders()).as("cut after %d", cut).isNotEmpty();
                memory.runChains(new HandOver(layout).prepareToComplete(), secondCut);
                assertThat(holders()).as("cut after %d and %d", cut, secondCut).isNotEmpty();

                memory.run(new HandOver(layout).prepareToComplete());

                assertThat(holders())
                        .as("cut after %d and %d", cut, secondCut)
                        .containsExactly(cut < 2 ? GIVER : TAKER);
                assertThat(memory.get(layout.handOverEntry())).isZero();
            }
        }
    }

    @Test
    void recoveryAfterACompletedHandOverGivesTheBlockBackIfAndOnlyIfItsHolderDied() {
        for (Set<Integer> dead : Set.of(Set.of(GIVER), Set.of(TAKER), Set.of(GIVER, TAKER))) {
            for (int cut = 0; cut <= CHAINS; cut++) {
                fill();
                memory.runChains(handOver(), cut);
                memory.run(new HandOver(layout).prepareToComplete());
                int holder = cut < 2 ? GIVER : TAKER;

                ResolveSlots resolve = new ResolveSlots(layout);
                memory.run(resolve.prepare(dead, Set.of()));

                int left = (dead.contains(holder) ? 0 : BLOCK) | (dead.contains(GIVER) ? 0 : OTHER_BLOCK);
                assertThat(resolve.resolved()).isTrue();
                assertThat(map()).as("cut after %d, dead %s", cut, dead).isEqualTo(left);
            }
        }
    }

    @Test
    void recoveryBeforeTheIntentIsCompletedWouldLoseTheBlock() {
        fill();
        memory.runChains(handOver(), 3);
        memory.run(new ResolveSlots(layout).prepare(Set.of(TAKER), Set.of()));
        memory.run(new HandOver(layout).prepareToComplete());

        assertThat(entry(GIVER, 3))
                .as("why the order matters: the giver's promise is gone")
                .isZero();
    }

    @Test
    void slotThatPromisesNothingOrOneInUseIsRefusedAndNothingChanges() {
        for (long giving : new long[] {0, JournalSlot.pending(OWNED), JournalSlot.transition(SPAN)}) {
            fill();
            memory.set(layout.journalSlot(slot(GIVER, 3)), giving);
            requireRefused(handOver());
        }
        fill();
        memory.set(layout.journalSlot(slot(TAKER, 2)), JournalSlot.pendingChunks(SPAN, 0x100));
        requireRefused(handOver());
        fill();
        requireRefused(new HandOver(layout).prepare(slot(GIVER, 3), slot(GIVER, 3)));
    }

    private void requireRefused(HandOver handOver) {
        long giving = entry(GIVER, 3);
        long receiving = entry(TAKER, 2);
        memory.run(handOver);
        assertThat(handOver.refused()).isTrue();
        assertThat(entry(GIVER, 3)).isEqualTo(giving);
        assertThat(entry(TAKER, 2)).isEqualTo(receiving);
        assertThat(memory.get(layout.handOverEntry())).isZero();
    }
}
