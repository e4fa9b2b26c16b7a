package io.finemem.simulation.explore;

import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.SectionWord;
import io.finemem.allocator.layout.SpanHeader;
import io.finemem.simulation.step.Violation;

/** What must hold in every state of strict isolation: I6, and that the rkeys of owners alive are those of their blocks. */
final class StrictInvariants {
    private final Words words;

    StrictInvariants(Words words) {
        this.words = words;
    }

    void check(State state) {
        if (words.ring == 0) {
            return;
        }
        for (int node = 0; node < words.nodes.size(); node++) {
            if ((state.words[words.window(node)] & 1) != 0) {
                inUse(state, words.nodes.get(node));
            }
        }
        for (int owner = 0; owner < words.owners; owner++) {
            if (state.owners[owner].status == OwnerState.LIVE) {
                rkeysAreCurrent(state, owner);
            }
        }
    }

    /** I6: no rkey that was ever given to anyone is valid for a unit that is clear. */
    private void inUse(State state, Keys.Node node) {
        int used = node.chunks()
                ? SpanHeader.map(state.words[words.header(node.unit())])
                : SectionWord.takenSpans(state.words[words.section(node.unit())]);
        if ((used & node.mask()) != node.mask()) {
            throw new Violation("I6: an rkey is alive on a clear bit: " + (node.chunks() ? "chunks " : "spans ")
                    + Integer.toHexString(node.mask()) + " of " + node.unit());
        }
    }

    /** I10 and I11: what an owner alive was given is the block's rkey, is not revoked, and is nobody else's. */
    private void rkeysAreCurrent(State state, int number) {
        OwnerState owner = state.owners[number];
        for (int slot = 0; slot < words.slotsPerOwner; slot++) {
            if (owner.held[slot] == 0) {
                continue;
            }
            int node = words.node(owner.held[slot]);
            if (owner.rkeys[slot] != words.rkey(state.words, node)) {
                throw new Violation("I11: the rkey that owner " + (char) ('A' + number) + " has for "
                        + JournalSlot.toString(owner.held[slot]) + " is not valid: " + owner.rkeys[slot] + ", not "
                        + words.rkey(state.words, node));
            }
        }
    }
}
