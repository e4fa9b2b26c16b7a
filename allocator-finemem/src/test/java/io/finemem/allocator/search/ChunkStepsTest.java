package io.finemem.allocator.search;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.allocator.decision.SectionDecisions;
import io.finemem.allocator.decision.SpanDecisions;
import io.finemem.allocator.layout.SpanHeader;
import io.finemem.allocator.search.ChunkSteps.Step;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ChunkStepsTest {
    private static final int SECTIONS = 4;
    private static final long OPEN = SpanDecisions.opened(0, 1);
    private static final long CONTENDED = SpanHeader.withContention(OPEN, 2);

    private final long[] headers = new long[16 * SECTIONS];
    private final long[] sectionWords = new long[SECTIONS];
    private final WorkingSpans working = new WorkingSpans(headers.length);
    private final PoolView view = new PoolView() {
        @Override
        public long header(int span) {
            return headers[span];
        }

        @Override
        public long sectionWord(int section) {
            return sectionWords[section];
        }

        @Override
        public int sections() {
            return SECTIONS;
        }
    };

    private ChunkSteps steps(boolean strict) {
        return new ChunkSteps(view, working, strict, 17, 2);
    }

    private void fillSections() {
        Arrays.fill(sectionWords, SectionDecisions.taken(0, 0xffff));
    }

    @Test
    void calmWorkingSpansComeLatestFirstThenEmptySpansThenFreshWords() {
        headers[3] = OPEN;
        headers[5] = OPEN;
        working.add(3);
        working.add(5);
        ChunkSteps steps = steps(false).start(0);

        assertThat(steps.next()).isEqualTo(Step.CLAIM);
        assertThat(steps.span()).isEqualTo(5);
        assertThat(steps.next()).isEqualTo(Step.CLAIM);
        assertThat(steps.span()).isEqualTo(3);
        assertThat(steps.next()).isEqualTo(Step.OPEN);
        assertThat(steps.span())
                .as("first span of the section of the start span")
                .isEqualTo(16);
        fillSections();
        assertThat(steps.next()).isEqualTo(Step.REFRESH_SECTIONS);
        sectionWords[0] = 0;
        assertThat(steps.next()).isEqualTo(Step.OPEN);
        assertThat(steps.span()).isZero();
    }

    @Test
    void contendedWorkingSpansComeAfterEmptyOnes() {
        fillSections();
        headers[3] = CONTENDED;
        working.add(3);
        ChunkSteps steps = steps(false).start(4);

        assertThat(steps.next()).isEqualTo(Step.REFRESH_SECTIONS);
        assertThat(steps.next()).isEqualTo(Step.CLAIM);
        assertThat(steps.span()).isEqualTo(3);
        assertThat(steps.next()).isEqualTo(Step.REFRESH_HEADERS);
    }

    @Test
    void allPartsAreLookedAtFromTheOwnOneOnAndThenThereIsNoRoom() {
        fillSections();
        ChunkSteps steps = new ChunkSteps(view, working, false, 40, 2).start(2);

        assertThat(steps.next()).isEqualTo(Step.REFRESH_SECTIONS);
        assertThat(steps.next()).isEqualTo(Step.REFRESH_HEADERS);
        assertThat(steps.part()).isEqualTo(1);
        headers[33] = OPEN;
        assertThat(steps.next()).isEqualTo(Step.CLAIM);
        assertThat(steps.span()).isEqualTo(33);
        assertThat(steps.next()).as("again while it fits").isEqualTo(Step.CLAIM);
        headers[33] = 0;
        assertThat(steps.next()).isEqualTo(Step.REFRESH_HEADERS);
        assertThat(steps.part()).isZero();
        assertThat(steps.next()).isEqualTo(Step.NO_ROOM);
    }

    @Test
    void spansThatOthersFillBetweenTwoLooksAreNoRoom() {
        fillSections();
        int spansOfPart = 32;
        int[] looks = new int[1];
        PoolView changing = new PoolView() {
            @Override
            public long header(int span) {
                return looks[0]++ < spansOfPart && span == 63 ? OPEN : 0;
            }

            @Override
            public long sectionWord(int section) {
                return sectionWords[section];
            }

            @Override
            public int sections() {
                return SECTIONS;
            }
        };
        ChunkSteps steps = new ChunkSteps(changing, working, false, 40, 2).start(0);

        assertThat(steps.next()).isEqualTo(Step.REFRESH_SECTIONS);
        assertThat(steps.next()).isEqualTo(Step.REFRESH_HEADERS);
        assertThat(steps.next()).as("the other part").isEqualTo(Step.REFRESH_HEADERS);
        assertThat(looks[0]).isGreaterThan(spansOfPart);
        assertThat(steps.next()).isEqualTo(Step.NO_ROOM);
    }

    @Test
    void afterTwoVainClaimsInWorkingSpansFreshHeadersAreRead() {
        fillSections();
        for (int span = 3; span < 9; span++) {
            headers[span] = OPEN;
            working.add(span);
        }
        ChunkSteps steps = steps(false).start(0);

        assertThat(steps.next()).isEqualTo(Step.CLAIM);
        assertThat(steps.next()).isEqualTo(Step.CLAIM);
        assertThat(steps.next()).isEqualTo(Step.REFRESH_SECTIONS);
        assertThat(steps.next()).isEqualTo(Step.REFRESH_HEADERS);
    }

    @Test
    void searchersThatSeeTheSameHeadersClaimInDifferentSpans() {
        fillSections();
        for (int span = 0; span < 32; span++) {
            headers[span] = OPEN;
        }
        Set<Integer> claimedIn = new HashSet<>();
        for (int searcher = 0; searcher < 32; searcher++) {
            ChunkSteps steps = new ChunkSteps(view, working, false, searcher, 2).start(0);
            for (Step step = steps.next(); step != Step.CLAIM; step = steps.next()) {
                assertThat(step).isIn(Step.REFRESH_SECTIONS, Step.REFRESH_HEADERS);
            }
            claimedIn.add(steps.span());
        }

        assertThat(claimedIn).hasSizeGreaterThan(12);
    }

    @Test
    void strictIsolationAsksForRevokedBlocksBeforeASpanIsOpened() {
        ChunkSteps steps = steps(true).start(0);

        assertThat(steps.next()).isEqualTo(Step.COLLECT_REVOKED);
        headers[9] = OPEN;
        working.add(9);
        assertThat(steps.next()).isEqualTo(Step.CLAIM);
        assertThat(steps.span()).isEqualTo(9);
        assertThat(steps.next()).isEqualTo(Step.OPEN);

        working.remove(9);
        assertThat(steps.start(0).next()).isEqualTo(Step.COLLECT_REVOKED);
        steps.nothingRevoked();
        assertThat(steps.next()).isEqualTo(Step.OPEN);
    }

    @Test
    void spansThatAreFullOrClosedAreForgotten() {
        headers[3] = SpanDecisions.opened(0, -1);
        working.add(3);
        working.add(4);

        assertThat(steps(false).start(0).next()).isEqualTo(Step.OPEN);
        assertThat(working.size()).isZero();
    }
}
