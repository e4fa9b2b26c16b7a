package io.finemem.simulation.simulate;

import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.layout.SectionWord;
import io.finemem.allocator.layout.SpanHeader;
import io.finemem.simulation.step.Holdings;
import io.finemem.simulation.step.Ledger;
import io.finemem.simulation.step.Ledger.Actor;
import io.finemem.simulation.step.PostedChain;
import io.finemem.simulation.step.Violation;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The memory of a memory node, the oracle's ledger of it, and the clients that are admitted. */
final class Node implements Holdings {
    final int number;
    final MetadataLayout layout;
    final Ledger ledger = new Ledger(this);
    /** By segment; null if it is free. */
    final @Nullable Client[] segments;
    /** Slots in doubt: true once they are decided and until their owner has heard. */
    final Map<Integer, Boolean> doubts = new TreeMap<>();

    private static final int NODE_SLOTS = 4;

    final Windows windows;
    final Rings rings;
    private final int ring;
    private final BitSet frozen = new BitSet();
    private final long[] memory;
    private final long[] entries;
    private final Trace trace;
    private int lastId;

    Node(int number, Knobs knobs, Trace trace) {
        this.number = number;
        this.trace = trace;
        ring = knobs.strict() ? Math.max(2, knobs.slots() / 2) : 0;
        layout = new MetadataLayout(knobs.sections(), knobs.owners() + 2, knobs.slots(), ring, NODE_SLOTS);
        segments = new Client[layout.journalSegments()];
        memory = new long[(int) (layout.bytes() / Long.BYTES)];
        entries = new long[layout.journalSegments() * layout.segmentSlots()];
        windows = new Windows(layout);
        rings = new Rings(this, ring);
        for (int index = 0; index < windows.count() && knobs.strict(); index++) {
            int word = index(windows.offset(index));
            memory[word] = windows.published(index, memory[word]);
        }
    }

    boolean strict() {
        return ring > 0;
    }

    void setWord(long offset, long value) {
        memory[index(offset)] = value;
    }

    /** Admits an owner under an id that was never used; null if no segment is free. */
    @Nullable
    Client admit(long now) {
        for (int segment = 0; segment < segments.length; segment++) {
            if (segments[segment] == null) {
                Client client = new Client(this, ++lastId, segment, now);
                segments[segment] = client;
                memory[index(layout.segmentOwner(segment))] = client.id;
                return client;
            }
        }
        return null;
    }

    /** The client is recovered: its segment is free again. */
    void release(Client client) {
        for (int i = 0; i < layout.segmentSlots(); i++) {
            requireEmpty(client.firstSlot + i);
        }
        int segment = client.firstSlot / layout.segmentSlots();
        if (strict()) {
            rings.empty(segment);
        }
        segments[segment] = null;
        memory[index(layout.segmentOwner(client.firstSlot / layout.segmentSlots()))] = 0;
        client.state = Client.State.GONE;
    }

    void requireEmpty(int slot) {
        if (entries[slot] != 0 || word(layout.journalSlot(slot)) != 0) {
            throw new Violation(
                    "memory is lost: " + name(slot) + " was resolved but has " + JournalSlot.toString(entries[slot]));
        }
    }

    private static int index(long offset) {
        return (int) (offset / Long.BYTES);
    }

    long word(long offset) {
        return memory[index(offset)];
    }

    /** Executes an element; gives the value before, or read. */
    long execute(Actor actor, PostedChain chain, int element) {
        long offset = chain.offset(element);
        int index = index(offset);
        long before = memory[index];
        switch (chain.kind(element)) {
            case PostedChain.WRITE -> {
                memory[index] = chain.first(element);
                rings.written(offset);
            }
            case PostedChain.BIND -> windows.bind((int) chain.first(element));
            case PostedChain.PUBLISH -> memory[index] = windows.published((int) chain.first(element), before);
            case PostedChain.CAS -> memory[index] = before == chain.first(element) ? chain.second(element) : before;
            case PostedChain.ADD -> memory[index] = before + chain.first(element);
            default -> {
                // A READ changes nothing.
            }
        }
        trace.add(number, offset, before, memory[index]);
        boolean atomic = chain.kind(element) == PostedChain.CAS || chain.kind(element) == PostedChain.ADD;
        if (memory[index] != before && atomic) {
            changed(actor, chain, element, before);
        }
        return before;
    }

    private void changed(Actor actor, PostedChain chain, int element, long before) {
        long offset = chain.offset(element);
        long after = word(offset);
        long span = (offset - layout.spanHeader(0)) / Long.BYTES;
        if (span >= 0 && span < layout.spans()) {
            if (chain.kind(element) == PostedChain.ADD) {
                Ledger.checkBorrow((int) span, before, chain.first(element));
            }
            ledger.headerChanged(actor, (int) span, before, after);
        } else {
            ledger.sectionChanged(actor, (int) ((offset - layout.sectionWord(0)) / Long.BYTES), before, after);
        }
    }

    List<Client> clients() {
        List<Client> clients = new ArrayList<>();
        for (Client client : segments) {
            if (client != null) {
                clients.add(client);
            }
        }
        return clients;
    }

    /** Invariants I1 to I5, and that owners hold what they believe to hold. */
    void check() {
        int[] chunks = new int[layout.spans()];
        int[] transitions = new int[layout.spans()];
        int[] taken = new int[layout.sections()];
        for (int slot = 0; slot < entries.length; slot++) {
            long entry = entries[slot];
            if (entry != 0) {
                covers(slot, entry);
                add(entry, chunks, transitions, taken);
            }
        }
        for (int span = 0; span < layout.spans(); span++) {
            checkSpan(span, chunks[span], transitions[span]);
        }
        for (int section = 0; section < layout.sections(); section++) {
            int word = SectionWord.takenSpans(word(layout.sectionWord(section)));
            require(word == taken[section], "I1: the taken spans are not what their holders hold: section ", section);
        }
        for (Client client : clients()) {
            client.checkBeliefs();
        }
        windows.check(this);
    }

    private void covers(int slot, long entry) {
        long word = word(layout.journalSlot(slot));
        boolean sameUnit = JournalSlot.kind(word) != JournalSlot.EMPTY && word << 2 >>> 34 == entry << 2 >>> 34;
        boolean all = JournalSlot.type(entry) == JournalSlot.SECTIONS
                ? Integer.SIZE - Integer.numberOfLeadingZeros((int) entry) <= JournalSlot.mask(word)
                : (entry & ~word & 0xffff_ffffL) == 0;
        if (!sameUnit || !all) {
            throw new Violation("I2: " + name(slot) + " says " + JournalSlot.toString(word) + " but holds "
                    + JournalSlot.toString(entry));
        }
    }

    private static void add(long entry, int[] chunks, int[] transitions, int[] taken) {
        int unit = JournalSlot.unit(entry);
        int mask = JournalSlot.mask(entry);
        switch (JournalSlot.type(entry)) {
            case JournalSlot.CHUNKS -> {
                require((chunks[unit] & mask) == 0, "I1: two holders of chunks of span ", unit);
                chunks[unit] |= mask;
            }
            case JournalSlot.SPANS -> {
                require((taken[unit] & mask) == 0, "I1: two holders of spans of section ", unit);
                taken[unit] |= mask;
            }
            case JournalSlot.SECTIONS -> {
                for (int rest = mask; rest != 0; rest &= rest - 1) {
                    int section = unit + Integer.numberOfTrailingZeros(rest);
                    require(taken[section] == 0, "I1: two holders of section ", section);
                    taken[section] = 0xffff;
                }
            }
            default -> transitions[unit]++;
        }
    }

    private void checkSpan(int span, int held, int transitions) {
        long header = word(layout.spanHeader(span));
        int state = SectionWord.state(word(layout.sectionWord(Geometry.sectionOf(span))), Geometry.spanInSection(span));
        boolean open = state == SectionWord.OPEN || state == SectionWord.DISCOURAGED;
        boolean unused = !SpanHeader.open(header) && SpanHeader.map(header) == 0;
        require(held == SpanHeader.map(header), "I1: the map is not what its holders hold: span ", span);
        require(open || unused, "I3: a span in use is not open in its section: span ", span);
        boolean usable = SpanHeader.open(header) || frozen(span);
        require(SpanHeader.map(header) == 0 || usable, "I3: chunks in use in closed span ", span);
        int parties = transitions + (frozen(span) ? 1 : 0);
        require(
                parties == (open && !SpanHeader.open(header) ? 1 : 0),
                "I4: parties in transition not one or none: span ",
                span);
    }

    /** After everything was freed and all owners settled: nothing is in use, nothing is named. */
    void checkClean() {
        for (int slot = 0; slot < entries.length; slot++) {
            require(entries[slot] == 0, "something is held for ever: slot ", slot);
            boolean erased = word(layout.journalSlot(slot)) == 0;
            require(
                    erased || segments[slot / layout.segmentSlots()] != null,
                    "a slot of nobody says something: ",
                    slot);
        }
        require(frozen.isEmpty(), "a span stays frozen at node ", number);
        require(doubts.values().stream().allMatch(Boolean::booleanValue), "something stays in doubt at node ", number);
    }

    private static void require(boolean condition, String text, int number) {
        if (!condition) {
            throw new Violation(text + number);
        }
    }

    @Override
    public int slots() {
        return entries.length;
    }

    @Override
    public long entry(int slot) {
        return entries[slot];
    }

    @Override
    public void setEntry(int slot, long entry) {
        entries[slot] = entry;
    }

    @Override
    public boolean resolvable(int slot) {
        Client client = segments[slot / layout.segmentSlots()];
        boolean askedFor = strict() && rings.names(slot);
        return client == null || client.state != Client.State.LIVE || doubts.containsKey(slot) || askedFor;
    }

    @Override
    public boolean frozen(int span) {
        return frozen.get(span);
    }

    @Override
    public void setFrozen(int span, boolean value) {
        frozen.set(span, value);
    }

    @Override
    public String name(int slot) {
        Client client = segments[slot / layout.segmentSlots()];
        return "slot " + slot + " of node " + number + (client == null ? "" : ", owner " + client.id);
    }
}
