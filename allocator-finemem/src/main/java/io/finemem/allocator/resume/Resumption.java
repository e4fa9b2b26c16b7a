package io.finemem.allocator.resume;

import java.util.Collection;
import java.util.List;

/**
 * What a predecessor left: the tickets of its owner, and the blocks that were in somebody's hands.
 *
 * <p>The blocks decide what is kept: of what the owner may hold at a memory node, everything that is not among them is given
 * back, such as a block that was claimed and never handed out, or one whose free was under way. So whoever keeps the list has to
 * add a block before it is handed out, and to take it out before its free is begun.
 *
 * @param tickets one per memory node at most
 * @param held blocks that were handed out and are not being freed, each once
 */
public record Resumption(Collection<ResumeTicket> tickets, Collection<BlockIdentity> held) {
    /** There was no predecessor. */
    public static final Resumption NONE = new Resumption(List.of(), List.of());

    /** Takes copies of the lists. */
    public Resumption {
        tickets = List.copyOf(tickets);
        held = List.copyOf(held);
    }
}
