package io.finemem.simulation.explore;

import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.layout.SectionWord;
import io.finemem.allocator.layout.SpanHeader;
import java.util.Arrays;

/**
 * The words of the metadata region that a scenario uses, in one small array; behind them a bit per span that is really
 * frozen:
 *
 * <pre>
 *   section words | headers of the first spans | directory | journal slots, owner by owner | node slots | frozen spans
 * </pre>
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
    private final int[] indexOf;

    Words(Scenario scenario) {
        sections = scenario.sections();
        spans = scenario.spans();
        owners = scenario.owners();
        slotsPerOwner = scenario.slots();
        nodeSlots = scenario.has(Scenario.Fault.FREEZE) ? 1 : 0;
        layout = new MetadataLayout(sections, owners, slotsPerOwner, 0, nodeSlots);
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
        }
        for (int i = 0; i < nodeSlots; i++) {
            map(layout.nodeSlot(i), nodeSlot(i));
        }
    }

    private void map(long offset, int index) {
        indexOf[(int) (offset / Long.BYTES)] = index;
    }

    int count() {
        return frozen() + 1;
    }

    /** Index of a slot of the memory node itself. */
    int nodeSlot(int slot) {
        return sections + spans + owners + owners * slotsPerOwner + slot;
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
        return index >= sections + spans + owners;
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
        if (rest >= owners * slotsPerOwner) {
            return "slot " + (rest - owners * slotsPerOwner) + " of the memory node";
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
        return isSlot(index) ? JournalSlot.toString(word) : Long.toString(word);
    }
}
