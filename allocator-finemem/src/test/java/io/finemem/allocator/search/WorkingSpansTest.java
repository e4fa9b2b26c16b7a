package io.finemem.allocator.search;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WorkingSpansTest {
    private final WorkingSpans spans = new WorkingSpans(1000);

    @Test
    void oldestSpanMakesRoomForTheLatest() {
        for (int span = 0; span < 1000; span++) {
            spans.add(span);
        }

        assertThat(spans.get(spans.size() - 1)).isEqualTo(999);
        assertThat(spans.contains(999)).isTrue();
        assertThat(spans.contains(999 - spans.size())).isFalse();
        assertThat(spans.get(0)).isEqualTo(1000 - spans.size());
    }

    @Test
    void spanIsThereOnce() {
        spans.add(3);
        spans.add(64 + 3);
        spans.add(3);
        assertThat(spans.size()).isEqualTo(2);

        spans.remove(3);
        assertThat(spans.contains(3)).isFalse();
        assertThat(spans.contains(64 + 3)).isTrue();
    }
}
