package io.finemem.service.server;

import io.finemem.api.AllocationRequest;
import io.finemem.service.ipc.LabelWords;
import io.finemem.service.ipc.Mailbox;
import io.finemem.service.ipc.SegmentLayout;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a session asked for by label lately: the same label with the same length once more makes no garbage. Bounded, whatever the
 * application asks for. Not thread-safe.
 */
final class RecentLabels {
    private static final int CAPACITY = 8;

    private final LabelRules rules;
    private final long[] words = new long[SegmentLayout.MAX_BATCH];
    private final @Nullable Recent[] recent = new @Nullable Recent[CAPACITY];
    private int next;

    RecentLabels(LabelRules rules) {
        this.rules = rules;
    }

    private static final class Recent {
        final long[] words;
        final int bytes;
        AllocationRequest request;

        Recent(long[] words, int bytes, AllocationRequest request) {
            this.words = words;
            this.bytes = bytes;
            this.request = request;
        }
    }

    /**
     * The request in a mailbox, read once.
     *
     * @param labelBytes length of the label, any number
     * @param blockBytes length of the block, any number
     * @throws io.finemem.api.InvalidRequest if it is no label, or applications may not ask for it
     */
    AllocationRequest read(Mailbox mailbox, int labelBytes, long blockBytes) {
        int count = LabelWords.wordsOf(labelBytes);
        mailbox.copyRequestWords(words, count);
        for (Recent known : recent) {
            if (known != null && known.bytes == labelBytes && Arrays.equals(known.words, 0, count, words, 0, count)) {
                return again(known, blockBytes);
            }
        }
        String label = LabelWords.text(words, labelBytes);
        rules.check(label);
        AllocationRequest request = new AllocationRequest(blockBytes, label);
        recent[next] = new Recent(Arrays.copyOf(words, count), labelBytes, request);
        next = next + 1 == CAPACITY ? 0 : next + 1;
        return request;
    }

    private static AllocationRequest again(Recent known, long blockBytes) {
        if (known.request.bytes() != blockBytes) {
            known.request = new AllocationRequest(blockBytes, known.request.label());
        }
        return known.request;
    }
}
