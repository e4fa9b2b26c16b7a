package io.finemem.allocator.recovery;

import io.finemem.allocator.decision.SectionDecisions;
import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.layout.SpanHeader;
import io.finemem.allocator.procedure.WordChain;
import io.finemem.allocator.procedure.WordResults;
import io.finemem.api.ProtocolViolation;

/** Gives back what is left to a fenced owner: units by FETCH_ADD, a transition by a CAS that ends it. */
final class GiveBack {
    private long reclaimedUnits;

    /** Rule R16: an rkey is dead before the bit is clear. */
    static void revoke(Suspects suspects, Revoker revoker) {
        for (int i = 0; i < suspects.size(); i++) {
            if (suspects.finding(i) == Suspects.Finding.OPEN && !suspects.transition(i)) {
                suspects.nameHeld(i, revoker);
            }
        }
        revoker.revoke();
    }

    void append(Cursor cursor, WordChain chain, Suspects suspects) {
        for (; cursor.position() < suspects.size() && cursor.hasRoomFor(1); cursor.advance()) {
            int index = cursor.position();
            if (suspects.finding(index) != Suspects.Finding.OPEN) {
                continue;
            }
            cursor.add(index);
            if (suspects.leftFrozen(index)) {
                chain.fetchAdd(suspects.headerOffset(index), SpanHeader.reopenAddend());
            } else if (suspects.transition(index)) {
                long word = suspects.word(index);
                long ended = SectionDecisions.closed(word, Geometry.spanInSection(suspects.unit(index)));
                chain.compareAndSwap(suspects.wordOffset(index), word, ended);
            } else {
                chain.fetchAdd(suspects.wordOffset(index), suspects.freeAddend(index));
            }
        }
    }

    void completed(Cursor cursor, WordResults results, Suspects suspects) {
        for (int i = 0; i < cursor.size(); i++) {
            int index = cursor.meaning(i);
            long before = results.word(i);
            if (suspects.leftFrozen(index)) {
                requireClosed(before, suspects.unit(index));
            } else if (suspects.transition(index)) {
                boolean ended = before == suspects.word(index);
                suspects.find(index, ended ? Suspects.Finding.SETTLED : Suspects.Finding.CHANGED);
                continue;
            } else {
                requireHeld(before, index, suspects);
                reclaimedUnits += Integer.bitCount(suspects.held(index));
            }
            suspects.find(index, Suspects.Finding.SETTLED);
        }
    }

    /** A frozen span is opened by nobody but the resolver. */
    static void requireClosed(long header, int span) {
        if (SpanHeader.open(header)) {
            throw new ProtocolViolation(
                    "a span that the memory node had frozen was opened by somebody else: the metadata is corrupted",
                    "span",
                    span,
                    "header",
                    SpanHeader.toString(header));
        }
    }

    private static void requireHeld(long before, int index, Suspects suspects) {
        if ((suspects.used(index, before) & suspects.held(index)) != suspects.held(index)) {
            throw new ProtocolViolation(
                    "a unit of a fenced owner was freed by somebody else: the metadata is corrupted",
                    "unit",
                    suspects.unit(index),
                    "word",
                    Long.toHexString(before));
        }
    }

    /** Chunks and whole spans given back. */
    long reclaimedUnits() {
        return reclaimedUnits;
    }

    GiveBack copy() {
        GiveBack copy = new GiveBack();
        copy.reclaimedUnits = reclaimedUnits;
        return copy;
    }
}
