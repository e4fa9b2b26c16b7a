package io.finemem.allocator.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.allocator.WordMemory;
import io.finemem.allocator.decision.SectionDecisions;
import io.finemem.allocator.decision.SpanDecisions;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.layout.SectionWord;
import io.finemem.allocator.layout.SpanHeader;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Spans whose headers never stand still. */
class HotSpansTest {
    private static final int DEAD = 1;
    private static final int ALIVE = 2;
    private static final int SPAN = 5;
    private static final int OF_THE_DEAD = 0b0110;
    private static final int OF_THE_LIVING = 0b1001;
    private static final int HOT = 1 << 31;
    private static final int FREEZE_AFTER = 3;

    private final MetadataLayout layout = new MetadataLayout(4, 4, 8, 0, 2);
    private final WordMemory memory = new WordMemory();
    private boolean stormEnds;
    private int chains;

    @BeforeEach
    void anOwnerAliveClaimsAndFreesInASpanWhereOneHasDied() {
        memory.set(layout.segmentOwner(DEAD), DEAD);
        memory.set(layout.segmentOwner(ALIVE), ALIVE);
        memory.set(layout.sectionWord(0), SectionDecisions.opened(0, SPAN));
        memory.set(layout.spanHeader(SPAN), SpanDecisions.opened(0, OF_THE_DEAD | OF_THE_LIVING));
        memory.set(slot(DEAD, 0), JournalSlot.pendingChunks(SPAN, OF_THE_DEAD));
        memory.set(slot(DEAD, 1), JournalSlot.transition(SPAN));
        memory.set(slot(ALIVE, 0), JournalSlot.owned(JournalSlot.pendingChunks(SPAN, OF_THE_LIVING)));
    }

    private long slot(int owner, int slot) {
        return layout.journalSlot(layout.firstSlot(owner) + slot);
    }

    private long header() {
        return memory.get(layout.spanHeader(SPAN));
    }

    /** Before two of three chains of the resolver a claim or a free of somebody alive, as rule O allows it. */
    private void storm() {
        long header = header();
        if (++chains % 3 == 0) {
            assertThat(SpanHeader.open(header) || memory.get(layout.nodeSlot(0)) != 0)
                    .as("a frozen span is named")
                    .isTrue();
        } else if ((SpanHeader.map(header) & HOT) != 0) {
            memory.set(layout.spanHeader(SPAN), SpanDecisions.freed(header, HOT));
        } else if (SpanHeader.open(header)) {
            memory.set(slot(ALIVE, 1), JournalSlot.pendingChunks(SPAN, HOT));
            memory.set(layout.spanHeader(SPAN), SpanDecisions.claimed(header, HOT, 0));
        }
        if (!stormEnds) {
            memory.beforeNextChain(this::storm);
        }
    }

    private ResolveSlots resolve() {
        return new ResolveSlots(layout).prepare(Set.of(DEAD), Set.of());
    }

    private void assertResolved(ResolveSlots resolve, String when) {
        assertThat(resolve.resolved()).as(when).isTrue();
        assertThat(SpanHeader.map(header()) & ~HOT).as(when).isEqualTo(OF_THE_LIVING);
        assertThat(SpanHeader.open(header())).as(when).isTrue();
        assertThat(SectionWord.openSpans(memory.get(layout.sectionWord(0)))).isEqualTo(1 << SPAN);
        for (int i = 0; i < layout.nodeSlots(); i++) {
            assertThat(memory.get(layout.nodeSlot(i))).as(when).isZero();
        }
    }

    @Test
    void spanThatChangesInEveryScanIsFrozenAndDecidedInABoundedNumberOfScans() {
        storm();
        ResolveSlots resolve = resolve();
        memory.run(resolve);

        assertResolved(resolve, "under storm");
        assertThat(resolve.scans()).isBetween(FREEZE_AFTER, FREEZE_AFTER + 1);
        assertThat(resolve.reclaimedUnits()).isEqualTo(2);
    }

    @Test
    void withoutSlotsOfItsOwnTheNodeFreezesNothingAndTheSpanIsNotDecided() {
        MetadataLayout without = new MetadataLayout(4, 4, 8, 0, 0);
        storm();
        ResolveSlots resolve = new ResolveSlots(without).prepare(Set.of(DEAD), Set.of());
        memory.run(resolve);

        assertThat(resolve.resolved()).isFalse();
        assertThat(SpanHeader.map(header()) & OF_THE_DEAD).isEqualTo(OF_THE_DEAD);
    }

    @Test
    void freezeCutOffAnywhereIsUndoneByTheNextResolution() {
        int cut = 0;
        for (boolean ended = false; !ended && cut < 200; cut++) {
            stormEnds = false;
            anOwnerAliveClaimsAndFreesInASpanWhereOneHasDied();
            storm();
            ResolveSlots first = resolve();
            memory.runChains(first, cut);
            ended = first.resolved();
            stormEnds = true;
            memory.set(slot(ALIVE, 1), 0); // it settles

            ResolveSlots second = resolve();
            memory.run(second);

            assertResolved(second, "cut after " + cut + " chains");
        }
        assertThat(cut).as("steps of a resolution with a freeze").isBetween(15, 199);
    }

    @Test
    void spanWhoseLastChunkWasFreedWhileTheResolverWasAwayIsClosed() {
        memory.set(slot(DEAD, 0), 0);
        memory.set(slot(DEAD, 1), 0);
        memory.set(slot(ALIVE, 0), 0);
        memory.set(layout.spanHeader(SPAN), 0);
        memory.set(layout.nodeSlot(1), JournalSlot.transition(SPAN));

        ResolveSlots resolve = resolve();
        memory.run(resolve);

        assertThat(resolve.resolved()).isTrue();
        assertThat(SectionWord.openSpans(memory.get(layout.sectionWord(0)))).isZero();
        assertThat(memory.get(layout.nodeSlot(1))).isZero();
    }

    @Test
    void readingsSoFarApartThatTheVersionMayHaveGoneRoundDecideNothing() {
        long[] now = {0};
        ResolveSlots resolve =
                new ResolveSlots(layout, Revoker.NONE, () -> now[0] += TimeUnit.MILLISECONDS.toNanos(1_500));

        memory.run(resolve.prepare(Set.of(DEAD), Set.of()));

        assertResolved(resolve, "by a freeze");
        assertThat(resolve.scans()).as("once too slow, once frozen").isEqualTo(2);
        assertThat(memory.posted()).contains("WRITE CAS");
    }
}
