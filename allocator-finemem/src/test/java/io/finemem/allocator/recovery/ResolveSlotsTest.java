package io.finemem.allocator.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.allocator.WordMemory;
import io.finemem.allocator.decision.SectionDecisions;
import io.finemem.allocator.decision.SpanDecisions;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.layout.SectionWord;
import io.finemem.allocator.layout.SpanHeader;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ResolveSlotsTest {
    private static final int DEAD = 1;
    private static final int ALIVE = 2;
    private static final int ALSO_DEAD = 3;
    private static final int SPAN = 5;
    private static final int ALL_SPANS = 0xffff;

    private final MetadataLayout layout = new MetadataLayout(4, 4, 8);
    private final WordMemory memory = new WordMemory();
    private final ResolveSlots resolve = new ResolveSlots(layout);

    @BeforeEach
    void giveEachOwnerASegment() {
        for (int owner : new int[] {DEAD, ALIVE, ALSO_DEAD}) {
            memory.set(layout.segmentOwner(owner), owner);
        }
    }

    private long slotOffset(int owner, int slot) {
        return layout.journalSlot(layout.firstSlot(owner) + slot);
    }

    private void slot(int owner, int slot, long value) {
        memory.set(slotOffset(owner, slot), value);
    }

    private long slot(int owner, int slot) {
        return memory.get(slotOffset(owner, slot));
    }

    private void useChunks(int map) {
        memory.set(layout.sectionWord(0), SectionDecisions.opened(memory.get(layout.sectionWord(0)), SPAN));
        memory.set(layout.spanHeader(SPAN), SpanDecisions.opened(0, map));
    }

    private int map() {
        return SpanHeader.map(memory.get(layout.spanHeader(SPAN)));
    }

    private void resolve(Integer... fenced) {
        memory.run(resolve.prepare(Set.of(fenced), Set.of()));
    }

    @Test
    void rkeysOfWhatAFencedOwnerHeldAndOfNothingElseEndBeforeItIsGivenBack() {
        useChunks(0xf1);
        slot(DEAD, 0, JournalSlot.pendingChunks(SPAN, 0xf0));
        slot(DEAD, 1, JournalSlot.pendingChunks(SPAN, 0x3));
        slot(ALIVE, 0, JournalSlot.owned(JournalSlot.pendingChunks(SPAN, 0x1)));
        List<String> ended = new ArrayList<>();
        Revoker revoker = new Revoker() {
            @Override
            public void chunks(int span, int mask) {
                ended.add("chunks " + span + " " + Integer.toHexString(mask));
            }

            @Override
            public void spans(int section, int mask) {
                ended.add("spans");
            }

            @Override
            public void revoke() {
                ended.add("map " + Integer.toHexString(map()));
            }
        };

        memory.run(new ResolveSlots(layout, revoker, () -> 0).prepare(Set.of(DEAD), Set.of()));

        assertThat(ended).containsExactly("chunks 5 f0", "map f1");
        assertThat(map()).isEqualTo(0x1);
    }

    @Test
    void chunksOfAFencedOwnerAreGivenBackAndItsSlotIsErased() {
        useChunks(0b1111);
        slot(DEAD, 0, JournalSlot.pendingChunks(SPAN, 0b0110));
        slot(ALIVE, 0, JournalSlot.owned(JournalSlot.pendingChunks(SPAN, 0b1001)));

        resolve(DEAD);

        assertThat(resolve.resolved()).isTrue();
        assertThat(map()).isEqualTo(0b1001);
        assertThat(resolve.reclaimedUnits()).isEqualTo(2);
        assertThat(slot(DEAD, 0)).isZero();
        assertThat(slot(ALIVE, 0)).isNotZero();
    }

    @Test
    void unitPromisedByAnOwnerAliveIsLeftToIt() {
        useChunks(0b11);
        slot(DEAD, 0, JournalSlot.pendingChunks(SPAN, 0b11));
        slot(ALIVE, 3, JournalSlot.owned(JournalSlot.pendingChunks(SPAN, 0b10)));

        resolve(DEAD);

        assertThat(resolve.resolved()).isTrue();
        assertThat(map()).isEqualTo(0b10);
    }

    @Test
    void unitThatAnOwnerAliveMayHoldWaitsForThatOwner() {
        useChunks(0b11);
        slot(DEAD, 0, JournalSlot.pendingChunks(SPAN, 0b11));
        slot(DEAD, 1, JournalSlot.pendingSpans(1, 0b1));
        memory.set(layout.sectionWord(1), SectionDecisions.taken(0, 0b1));
        slot(ALIVE, 3, JournalSlot.pendingChunks(SPAN, 0b10));

        resolve(DEAD);

        assertThat(resolve.resolved()).isFalse();
        assertThat(resolve.waitingFor()).containsExactly(ALIVE);
        assertThat(map()).as("nothing of a doubtful word is touched").isEqualTo(0b11);
        assertThat(slot(DEAD, 0)).isNotZero();
        assertThat(slot(DEAD, 1)).as("the other slot does not wait").isZero();

        slot(ALIVE, 3, 0);
        resolve(DEAD);

        assertThat(resolve.resolved()).isTrue();
        assertThat(map()).isZero();
    }

    /** The other one may have a block there that waits for its revocation: it cannot settle it. */
    @Test
    void anOwnerWithOtherUnitsOfTheWordIsNotAsked() {
        MetadataLayout three = new MetadataLayout(4, 5, 8);
        ResolveSlots resolution = new ResolveSlots(three);
        int last = 4;
        for (int owner : new int[] {DEAD, ALIVE, last}) {
            memory.set(three.segmentOwner(owner), owner);
        }
        memory.set(three.sectionWord(0), SectionDecisions.taken(0, 0b11));
        memory.set(three.journalSlot(three.firstSlot(DEAD)), JournalSlot.pendingSpans(0, 0b1));
        memory.set(three.journalSlot(three.firstSlot(ALIVE)), JournalSlot.pendingSpans(0, 0b1));
        memory.set(three.journalSlot(three.firstSlot(last)), JournalSlot.pendingSpans(0, 0b10));

        memory.run(resolution.prepare(Set.of(DEAD), Set.of()));

        assertThat(resolution.waitingFor()).containsExactly(ALIVE);
    }

    @Test
    void slotsOfFencedOwnersSayNothingEvenIfTheyPromise() {
        useChunks(0b1);
        slot(DEAD, 0, JournalSlot.owned(JournalSlot.pendingChunks(SPAN, 0b1)));
        slot(ALSO_DEAD, 0, JournalSlot.pendingChunks(SPAN, 0b1));

        resolve(DEAD, ALSO_DEAD);

        assertThat(resolve.resolved()).isTrue();
        assertThat(map()).isZero();
        assertThat(resolve.reclaimedUnits()).as("cleared once, not twice").isEqualTo(1);
        assertThat(slot(DEAD, 0)).isZero();
        assertThat(slot(ALSO_DEAD, 0)).isZero();
    }

    @Test
    void wordThatChangesDuringTheScanIsExaminedAgain() {
        useChunks(0b1);
        slot(DEAD, 0, JournalSlot.pendingChunks(SPAN, 0b1));
        // Between the two readings the chunk is freed late by nobody alive, and claimed by an owner whose slot was
        // passed.
        Runnable reclaim = () -> {
            long header = memory.get(layout.spanHeader(SPAN));
            memory.set(layout.spanHeader(SPAN), SpanDecisions.claimed(SpanDecisions.freed(header, 1), 1, 0));
            slot(ALIVE, 0, JournalSlot.owned(JournalSlot.pendingChunks(SPAN, 0b1)));
        };
        ResolveSlots running = resolve.prepare(Set.of(DEAD), Set.of());
        int chainsBeforeSecondReading = 5;
        runWith(running, chainsBeforeSecondReading, reclaim);

        assertThat(running.resolved()).isTrue();
        assertThat(running.reclaimedUnits()).isZero();
        assertThat(map()).as("the new holder keeps its chunk").isEqualTo(0b1);
    }

    private void runWith(ResolveSlots running, int chains, Runnable action) {
        int[] left = {chains};
        memory.beforeNextChain(new Runnable() {
            @Override
            public void run() {
                if (--left[0] == 0) {
                    action.run();
                } else {
                    memory.beforeNextChain(this);
                }
            }
        });
        memory.run(running);
        assertThat(left[0]).isZero();
    }

    @Test
    void spansAndSectionsOfAFencedOwnerAreGivenBack() {
        memory.set(layout.sectionWord(1), SectionDecisions.taken(0, 0b1100));
        memory.set(layout.sectionWord(2), SectionDecisions.taken(0, ALL_SPANS));
        memory.set(layout.sectionWord(3), SectionDecisions.opened(0, 2));
        slot(DEAD, 0, JournalSlot.pendingSpans(1, 0b1100));
        slot(DEAD, 1, JournalSlot.pendingSections(2, 2));

        resolve(DEAD);

        assertThat(resolve.resolved()).isTrue();
        assertThat(resolve.reclaimedUnits()).isEqualTo(2 + 16);
        assertThat(SectionWord.takenSpans(memory.get(layout.sectionWord(1)))).isZero();
        assertThat(SectionWord.takenSpans(memory.get(layout.sectionWord(2)))).isZero();
        assertThat(SectionWord.openSpans(memory.get(layout.sectionWord(3))))
                .as("a section that the claim did not win is not touched")
                .isEqualTo(0b100);
    }

    @Test
    void openingCutOffBetweenItsChainsIsUndone() {
        memory.set(layout.sectionWord(0), SectionDecisions.opened(0, SPAN));
        slot(DEAD, 0, JournalSlot.transition(SPAN));

        resolve(DEAD);

        assertThat(resolve.resolved()).isTrue();
        assertThat(SectionWord.emptySpans(memory.get(layout.sectionWord(0)))).isEqualTo(ALL_SPANS);
    }

    @Test
    void finishedTransitionIsLeftAlone() {
        useChunks(0b1);
        slot(DEAD, 0, JournalSlot.transition(SPAN));
        slot(ALIVE, 0, JournalSlot.pendingChunks(SPAN, 0b1));

        resolve(DEAD);

        assertThat(resolve.resolved()).isTrue();
        assertThat(SectionWord.openSpans(memory.get(layout.sectionWord(0)))).isEqualTo(1 << SPAN);
        assertThat(map()).isEqualTo(0b1);
    }

    @Test
    void transitionThatAnOwnerAliveMayBeInWaits() {
        memory.set(layout.sectionWord(0), SectionDecisions.opened(0, SPAN));
        slot(DEAD, 0, JournalSlot.transition(SPAN));
        slot(ALIVE, 0, JournalSlot.transition(SPAN));

        resolve(DEAD);

        assertThat(resolve.resolved()).isFalse();
        assertThat(resolve.waitingFor()).containsExactly(ALIVE);
        assertThat(SectionWord.openSpans(memory.get(layout.sectionWord(0)))).isEqualTo(1 << SPAN);
    }

    @Test
    void resolutionCutOffAnywhereAndStartedAgainGivesTheSameResult() {
        for (int cut = 0; cut < 12; cut++) {
            useChunks(0b11);
            slot(DEAD, 0, JournalSlot.pendingChunks(SPAN, 0b01));
            slot(DEAD, 1, JournalSlot.transition(SPAN));
            slot(ALIVE, 0, JournalSlot.owned(JournalSlot.pendingChunks(SPAN, 0b10)));

            memory.runChains(resolve.prepare(Set.of(DEAD), Set.of()), cut);
            resolve(DEAD);

            assertThat(resolve.resolved()).as("cut after %d chains", cut).isTrue();
            assertThat(map()).as("cut after %d chains", cut).isEqualTo(0b10);
        }
    }

    @Test
    void slotsThatNameWhatDoesNotExistAreErased() {
        slot(DEAD, 0, JournalSlot.pendingChunks(layout.spans(), 1));
        slot(DEAD, 1, JournalSlot.pendingSections(3, -1));
        slot(DEAD, 2, JournalSlot.transition((1 << 28) - 1));

        resolve(DEAD);

        assertThat(resolve.resolved()).isTrue();
        assertThat(resolve.erasedSlots()).isEqualTo(3);
    }

    @Test
    void interruptedChainOfAnOwnerAliveIsDecidedAndItsOtherSlotsStay() {
        useChunks(0b111);
        slot(ALIVE, 0, JournalSlot.pendingChunks(SPAN, 0b001));
        slot(ALIVE, 1, JournalSlot.owned(JournalSlot.pendingChunks(SPAN, 0b010)));
        slot(ALSO_DEAD, 0, JournalSlot.owned(JournalSlot.pendingChunks(SPAN, 0b100)));
        int inDoubt = layout.firstSlot(ALIVE);

        memory.run(resolve.prepare(Set.of(), Set.of(inDoubt)));

        assertThat(resolve.resolved()).isTrue();
        assertThat(resolve.erased(inDoubt)).isTrue();
        assertThat(map()).isEqualTo(0b110);
        assertThat(slot(ALIVE, 0)).isZero();
        assertThat(slot(ALIVE, 1)).isNotZero();
    }
}
