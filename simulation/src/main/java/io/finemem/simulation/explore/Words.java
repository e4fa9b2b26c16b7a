package io.finemem.simulation.explore;

import io.finemem.allocator.layout.CapabilityWord;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.layout.RevokeEntry;
import io.finemem.allocator.layout.SectionWord;
import io.finemem.allocator.layout.SpanHeader;
import java.util.Arrays;
import java.util.List;

/**
 * The words of the metadata region that a scenario uses, in one small array; behind them a bit per span that is really
 * frozen:
 *
 * <pre>
 *   section words | headers of the first spans | directory | journal slots, owner by owner
 *                 | heads and rings, owner by owner | words of rkeys | windows | sweeper's knowledge, owner by owner
 *                 | node slots | frozen spans
 * </pre>
 *
 * The second line is there in strict isolation only. A window is a count of its bindings, and in its lowest bit whether its
 * rkey was given to anyone; an rkey is that count. What a sweeper knows of a ring: how many entries from its head on were in
 * a batch, and how many of these are in doubt, because the memory node's agent stopped and began again.
 */
final class Words {
    private static final int NOT_USED = -1;
    private static final long HEADER_CONTENT = (1L << 35) - 1;
    private static final long SECTION_CONTENT = (1L << 32) - 1;

    final MetadataLayout layout;
    final int sections;
    final int spans;
    final int owners;
    final int slotsPerOwner;
    final int nodeSlots;
    /** Entries of a revoke ring. */
    final int ring;

    final List<Keys.Node> nodes;
    /** What the procedure under way wants; the same for all who step through this scope. */
    final Keys keys;

    private final int rings;
    private final int rkeys;
    private final int windows;
    private final int[] indexOf;

    /** Whether journal segments change hands. */
    final boolean rejoins;

    /** Whether processes end and others resume their owners. */
    final boolean resumes;

    Words(Scenario scenario) {
        rejoins = scenario.has(Scenario.Fault.REJOIN);
        resumes = scenario.has(Scenario.Fault.RESUME);
        sections = scenario.sections();
        spans = scenario.spans();
        owners = scenario.owners();
        slotsPerOwner = scenario.slots();
        ring = scenario.strict() ? slotsPerOwner : 0;
        nodeSlots = scenario.has(Scenario.Fault.FREEZE) ? 1 : 0;
        layout = new MetadataLayout(sections, owners, slotsPerOwner, ring, nodeSlots);
        nodes = Keys.nodes(scenario, layout);
        keys = new Keys(nodes);
        rings = sections + spans + owners + owners * slotsPerOwner;
        rkeys = rings + (ring == 0 ? 0 : owners * (1 + ring));
        indexOf = new int[(int) (layout.bytes() / Long.BYTES)];
        Arrays.fill(indexOf, NOT_USED);
        for (int i = 0; i < sections; i++) {
            map(layout.sectionWord(i), section(i));
        }
        for (int i = 0; i < spans; i++) {
            map(layout.spanHeader(i), header(i));
        }
        for (int i = 0; i < owners; i++) {
            map(layout.segmentOwner(i), directory(i));
            for (int k = 0; k < slotsPerOwner; k++) {
                map(layout.journalSlot(i * slotsPerOwner + k), slot(i, k));
            }
            for (int k = 0; k < ring; k++) {
                map(layout.revokeHead(i), head(i));
                map(layout.revokeEntry(i, k), entry(i, k));
            }
        }
        windows = rkeys + mapRkeys();
        for (int i = 0; i < nodeSlots; i++) {
            map(layout.nodeSlot(i), nodeSlot(i));
        }
    }

    private int mapRkeys() {
        int count = 0;
        for (Keys.Node node : nodes) {
            if (index(node.offset()) == NOT_USED) {
                map(node.offset(), rkeys + count++);
            }
        }
        return count;
    }

    private void map(long offset, int index) {
        indexOf[(int) (offset / Long.BYTES)] = index;
    }

    int count() {
        return frozen() + 1;
    }

    /** Index of a slot of the memory node itself. */
    int nodeSlot(int slot) {
        return windows + nodes.size() + (ring == 0 ? 0 : 2 * owners) + slot;
    }

    /** Index of the bits of spans that the resolver has frozen. */
    int frozen() {
        return nodeSlot(nodeSlots);
    }

    int section(int section) {
        return section;
    }

    int header(int span) {
        return sections + span;
    }

    int directory(int owner) {
        return sections + spans + owner;
    }

    int slot(int owner, int slot) {
        return sections + spans + owners + owner * slotsPerOwner + slot;
    }

    /** How many entries of a ring were done with. */
    int head(int owner) {
        return rings + owner * (1 + ring);
    }

    /** The entry of a position of a ring. */
    int entry(int owner, long position) {
        return head(owner) + 1 + (int) (position % ring);
    }

    /** The window of a node. */
    int window(int node) {
        return windows + node;
    }

    /** How many entries from the head on were in a batch. */
    int taken(int owner) {
        return windows + nodes.size() + 2 * owner;
    }

    /** How many of these are in doubt. */
    int unsure(int owner) {
        return taken(owner) + 1;
    }

    /** Whether a ring has the entry of a position. */
    boolean present(long[] words, int owner, long position) {
        return RevokeEntry.lap(words[entry(owner, position)]) == RevokeEntry.lapOf(position, ring);
    }

    /** Entries of a ring from its head on. */
    int entries(long[] words, int owner) {
        int count = 0;
        while (count < ring && present(words, owner, words[head(owner)] + count)) {
            count++;
        }
        return count;
    }

    /** Whether a ring has an entry, not done with, that names a slot. */
    boolean isToBeRevoked(long[] words, int owner, int slot) {
        long head = words[head(owner)];
        for (int i = entries(words, owner) - 1; i >= 0; i--) {
            if (RevokeEntry.slot(words[entry(owner, head + i)]) == slot) {
                return true;
            }
        }
        return false;
    }

    /** The node of a block, by its journal entry. */
    int node(long block) {
        boolean chunks = JournalSlot.type(block) == JournalSlot.CHUNKS;
        for (int i = 0; i < nodes.size(); i++) {
            Keys.Node node = nodes.get(i);
            if (node.chunks() == chunks
                    && node.unit() == JournalSlot.unit(block)
                    && node.mask() == JournalSlot.mask(block)) {
                return i;
            }
        }
        throw new IllegalArgumentException("no window for " + JournalSlot.toString(block));
    }

    /** The rkey that a window has. */
    int rkey(long[] words, int node) {
        return (int) (words[window(node)] >>> 1);
    }

    /** The rkey that the word of rkeys has for a node. */
    int publishedRkey(long[] words, int node) {
        return CapabilityWord.rkey(
                words[index(nodes.get(node).offset())], nodes.get(node).node());
    }

    boolean isRkeys(int index) {
        return index >= rkeys && index < windows;
    }

    boolean isRing(int index) {
        return index >= rings && index < rkeys;
    }

    /** The owner of a ring's head, or -1. */
    int ownerOfHead(int index) {
        return isRing(index) && (index - rings) % (1 + ring) == 0 ? (index - rings) / (1 + ring) : -1;
    }

    void emptyRing(long[] words, int owner) {
        Arrays.fill(words, head(owner), head(owner) + 1 + ring, 0);
        words[taken(owner)] = 0;
        words[unsure(owner)] = 0;
    }

    boolean isDirectory(int index) {
        return index >= sections + spans && index < sections + spans + owners;
    }

    /** Position in the journal of the slot with that index. */
    int slotAt(int index) {
        return index - sections - spans - owners;
    }

    /** Index of the word at an offset; negative for a word without meaning here: a capability. */
    int index(long offset) {
        return indexOf[(int) (offset / Long.BYTES)];
    }

    boolean isSection(int index) {
        return index >= 0 && index < sections;
    }

    boolean isHeader(int index) {
        return index >= sections && index < sections + spans;
    }

    boolean versioned(int index) {
        return index >= 0 && index < sections + spans;
    }

    boolean isSlot(int index) {
        return index >= sections + spans + owners && index < rings;
    }

    int spanOf(int headerIndex) {
        return headerIndex - sections;
    }

    /** A word without its version. */
    long content(int index, long word) {
        return isSection(index) ? word & SECTION_CONTENT : isHeader(index) ? word & HEADER_CONTENT : word;
    }

    /** The same content at the version before the current one of the word: a value that a compare-and-swap cannot meet. */
    long outdated(int index, long content, long current) {
        long contentMask = isSection(index) ? SECTION_CONTENT : HEADER_CONTENT;
        return content & contentMask | current - (contentMask + 1) & ~contentMask;
    }

    String name(int index) {
        if (index < 0) {
            return "capability";
        }
        if (isSection(index)) {
            return "section " + index;
        }
        if (isHeader(index)) {
            return "header of span " + spanOf(index);
        }
        int rest = index - sections - spans;
        if (rest < owners) {
            return "directory " + rest;
        }
        rest -= owners;
        if (nodeSlots > 0 && index >= nodeSlot(0)) {
            return "slot " + (index - nodeSlot(0)) + " of the memory node";
        }
        if (index >= rings) {
            return isRkeys(index) ? "rkeys" : stringOfRing(index);
        }
        return "slot " + rest % slotsPerOwner + " of owner " + (char) ('A' + rest / slotsPerOwner);
    }

    String text(int index, long word) {
        if (isSection(index)) {
            return SectionWord.toString(word);
        }
        if (isHeader(index)) {
            return SpanHeader.toString(word);
        }
        if (isRing(index) && ownerOfHead(index) < 0) {
            return "lap " + RevokeEntry.lap(word) + " slot " + RevokeEntry.slot(word) + " units "
                    + Integer.toHexString(RevokeEntry.units(word));
        }
        return isSlot(index) ? JournalSlot.toString(word) : Long.toHexString(word);
    }

    private String stringOfRing(int index) {
        int place = (index - rings) % (1 + ring);
        char owner = (char) ('A' + (index - rings) / (1 + ring));
        return place == 0
                ? "head of the ring of owner " + owner
                : "entry " + (place - 1) + " of the ring of owner " + owner;
    }
}
