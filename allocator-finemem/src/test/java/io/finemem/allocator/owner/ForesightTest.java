package io.finemem.allocator.owner;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ForesightTest {
    private final Foresight foresight = new Foresight(100, 4);

    @Test
    void wordIsWhatTheLastChainPostedWillLeaveUntilAllHaveEnded() {
        foresight.posted(7, 10);
        foresight.posted(7, 11);

        assertThat(foresight.word(7)).isEqualTo(11);
        foresight.ended(7);
        assertThat(foresight.word(7)).isEqualTo(11);
        foresight.ended(7);
        assertThat(foresight.holds(7)).isFalse();
    }

    @Test
    void failuresOfThoseBehindAFailureAreKnownForWhatTheyAre() {
        int first = foresight.posted(7, 10);
        int second = foresight.posted(7, 11);

        assertThat(foresight.differs(7, first, 50)).isTrue();
        assertThat(foresight.word(7)).isEqualTo(50);
        int again = foresight.posted(7, 51);
        assertThat(foresight.differs(7, second, 50)).isFalse();
        assertThat(foresight.word(7)).as("what the repetition will leave").isEqualTo(51);
        assertThat(foresight.differs(7, again, 60)).isTrue();
    }

    @Test
    void unitsDoNotDisturbEachOtherAndPlacesAreUsedAgain() {
        for (int round = 0; round < 10; round++) {
            for (int unit = 0; unit < 4; unit++) {
                foresight.posted(unit + round, unit);
            }
            assertThat(foresight.word(2 + round)).isEqualTo(2);
            for (int unit = 0; unit < 4; unit++) {
                foresight.ended(unit + round);
            }
        }
        foresight.posted(99, 1);
        foresight.clear();
        assertThat(foresight.holds(99)).isFalse();
    }
}
