package io.finemem.allocator.layout;

/**
 * Where each word of the metadata region lies. All words are 64-bit, little-endian and 8-byte aligned; offsets are bytes
 * from the start of the region.
 *
 * <pre>
 *  +------------+---------+---------+--------------+--------------+-----------+---------+--------+--------+-------+
 *  | superblock | section | span    | capabilities | capabilities | segment   | journal | revoke | revoke | node  |
 *  |            | words   | headers | of chunks    | of spans     | directory | slots   | heads  | rings  | slots |
 *  | two lines  | 1       | 16      | 32 / span    | 16           | 1         | 256     | 1      | 64     | 256   |
 *  |            |    / section      |              |   / section  |    / segment        |    / segment    |       |
 *  +------------+---------+---------+--------------+--------------+-----------+---------+--------+--------+-------+
 * </pre>
 *
 * Each table starts on a line of 64 bytes. A directory word holds the id of the owner that has the journal segment, 0 if it
 * is free; it is written by the memory node's CPU. Per chunk: capabilities 8 B, a journal slot 8 B, header 8/32 B, section
 * 8/512 B and so on: 0.40 % of the heap, and a segment per owner that may be admitted, 2 KiB, 2.5 KiB in strict isolation.
 * {@link #affordableOwners} says how many owners that leaves room for within 0.5 %.
 *
 * <p>Heads and rings exist in strict isolation only. A ring takes the frees of the blocks whose slots are in its segment, in
 * the order of their positions; a head is the number of entries done with, written by the memory node's CPU. A ring has an
 * entry for every fourth slot, 0.05 % of the heap; an owner does not post an entry for which there is no
 * room.
 *
 * <p>The node slots are the memory node's own journal: its resolver names there the spans that it has frozen. Owners do not
 * look at them.
 */
public final class MetadataLayout {
    /** Slots of a journal segment, unless chosen otherwise. */
    public static final int DEFAULT_SEGMENT_SLOTS = 256;
    /** Most sections: the journal's unit field holds 28 bits of span index, 32 TiB. */
    public static final int MAX_SECTIONS = 1 << 24;

    /** Spans that the memory node's resolver can freeze at a time, unless chosen otherwise: half a page of slots. */
    public static final int DEFAULT_NODE_SLOTS = 256;

    /** Slots of a segment per entry of its revoke ring. */
    private static final int SLOTS_PER_RING_ENTRY = 4;

    private static final int WORD = Long.BYTES;
    private static final int SWEEP_WORDS = 1;
    private static final long LINE = 64;
    /** Bytes of heap per byte of metadata that is aimed at: 0.5 %. */
    private static final int HEAP_PER_METADATA = 200;

    private static final int FEWEST_OWNERS = 4;
    private static final int MOST_OWNERS = 64;

    private static final int CAPABILITY_WORDS_PER_SPAN = CapabilityWord.NODES_PER_SPAN / 2;
    private static final int CAPABILITY_WORDS_PER_SECTION = CapabilityWord.NODES_PER_SECTION / 2;

    private final int sections;
    private final int journalSegments;
    private final int segmentSlots;
    private final int ringEntries;
    private final long sectionWords;
    private final long spanHeaders;
    private final long capabilities;
    private final long spanCapabilities;
    private final long directory;
    private final long journal;
    private final long revokeHeads;
    private final long revokeRings;
    private final int nodeSlots;
    private final long nodeJournal;
    private final long bytes;

    /** The layout of a pool without revoke rings. */
    public MetadataLayout(int sections, int journalSegments, int segmentSlots) {
        this(sections, journalSegments, segmentSlots, 0, 0);
    }

    /**
     * The layout of a pool.
     *
     * @param sections sections of the heap, 1 up to {@link #MAX_SECTIONS}
     * @param journalSegments segments of the journal, 1 or more
     * @param segmentSlots slots of a journal segment, 1 or more
     * @param ringEntries entries of a revoke ring, 0 if there are none
     * @param nodeSlots journal slots of the memory node itself, 0 if it freezes nothing
     */
    public MetadataLayout(int sections, int journalSegments, int segmentSlots, int ringEntries, int nodeSlots) {
        if (sections < 1 || sections > MAX_SECTIONS) {
            throw new IllegalArgumentException("sections must be 1 to " + MAX_SECTIONS + ": " + sections);
        }
        if (segmentSlots < 1 || journalSegments < 1 || journalSegments > Integer.MAX_VALUE / segmentSlots) {
            throw new IllegalArgumentException(
                    "journal out of range: " + journalSegments + " segments of " + segmentSlots + " slots");
        }
        if (ringEntries < 0 || ringEntries > segmentSlots) {
            throw new IllegalArgumentException("a revoke ring must have 0 to " + segmentSlots + ": " + ringEntries);
        }
        if (nodeSlots < 0) {
            throw new IllegalArgumentException("the memory node must have 0 or more slots: " + nodeSlots);
        }
        this.sections = sections;
        this.nodeSlots = nodeSlots;
        this.ringEntries = ringEntries;
        this.journalSegments = journalSegments;
        this.segmentSlots = segmentSlots;
        this.sectionWords = nextTable(0, Superblock.WORDS + SWEEP_WORDS);
        this.spanHeaders = nextTable(sectionWords, sections);
        this.capabilities = nextTable(spanHeaders, spans());
        this.spanCapabilities = nextTable(capabilities, (long) spans() * CAPABILITY_WORDS_PER_SPAN);
        this.directory = nextTable(spanCapabilities, (long) sections * CAPABILITY_WORDS_PER_SECTION);
        this.journal = nextTable(directory, journalSegments);
        this.revokeHeads = nextTable(journal, (long) journalSegments * segmentSlots);
        this.revokeRings = nextTable(revokeHeads, ringEntries == 0 ? 0 : journalSegments);
        this.nodeJournal = nextTable(revokeRings, (long) journalSegments * ringEntries);
        this.bytes = nextTable(nodeJournal, nodeSlots);
    }

    /**
     * The layout in which a heap full of single chunks fits the journal, whoever of {@code maxOwners} holds them; the journal
     * ends at 2^31 slots, which a heap of more than 8 TiB can exceed.
     */
    public static MetadataLayout of(int sections, int maxOwners) {
        return of(sections, maxOwners, 0);
    }

    /** The same with revoke rings, for strict isolation. */
    public static MetadataLayout strict(int sections, int maxOwners) {
        return of(sections, maxOwners, DEFAULT_SEGMENT_SLOTS / SLOTS_PER_RING_ENTRY);
    }

    /**
     * Owners that a pool admits unless told how many: as many, from 4 to 64, as keep its metadata within 0.5 % of the heap. In
     * strict isolation the least, 4, are within it from 26 MiB on, 11 owners with 64 MiB, 64 from 344 MiB on; in direct
     * isolation 4 from 12 MiB on, 30 with 64 MiB, 64 from 134 MiB on. A pool that is smaller exceeds it: 1.05 % of 2 MiB.
     *
     * @param sections sections of the heap, 1 up to {@link #MAX_SECTIONS}
     * @param strict whether the pool has revoke rings
     */
    public static int affordableOwners(int sections, boolean strict) {
        int owners = MOST_OWNERS;
        while (owners > FEWEST_OWNERS && !(strict ? strict(sections, owners) : of(sections, owners)).withinBudget()) {
            owners--;
        }
        return owners;
    }

    private boolean withinBudget() {
        return bytes * HEAP_PER_METADATA <= heapBytes();
    }

    private static MetadataLayout of(int sections, int maxOwners, int ringEntries) {
        long slots = (long) sections * Geometry.CHUNKS_PER_SECTION;
        long wanted = (slots + DEFAULT_SEGMENT_SLOTS - 1) / DEFAULT_SEGMENT_SLOTS + maxOwners;
        long segments = Math.min(wanted, Integer.MAX_VALUE / DEFAULT_SEGMENT_SLOTS);
        return new MetadataLayout(
                sections, Math.toIntExact(segments), DEFAULT_SEGMENT_SLOTS, ringEntries, DEFAULT_NODE_SLOTS);
    }

    private static long nextTable(long table, long words) {
        return (table + words * WORD + LINE - 1) / LINE * LINE;
    }

    /** Sections of the heap. */
    public int sections() {
        return sections;
    }

    /** Spans of the heap. */
    public int spans() {
        return sections << Geometry.SPANS_PER_SECTION_SHIFT;
    }

    /** Chunks of the heap. */
    public long chunks() {
        return (long) sections * Geometry.CHUNKS_PER_SECTION;
    }

    /** Bytes of the heap. */
    public long heapBytes() {
        return (long) sections * Geometry.SECTION_BYTES;
    }

    /** Segments of the journal. */
    public int journalSegments() {
        return journalSegments;
    }

    /** Slots of a journal segment. */
    public int segmentSlots() {
        return segmentSlots;
    }

    /** Index of the first slot of a segment. */
    public int firstSlot(int segment) {
        return segment * segmentSlots;
    }

    /** Bytes of the metadata region. */
    public long bytes() {
        return bytes;
    }

    /** Offset of a section's word. */
    public long sectionWord(int section) {
        return sectionWords + (long) section * WORD;
    }

    /** Offset of a span's header. */
    public long spanHeader(int span) {
        return spanHeaders + (long) span * WORD;
    }

    /** Offset of the word that holds the rkey of a buddy node of a span. */
    public long capability(int span, int node) {
        return capabilities + ((long) span * CAPABILITY_WORDS_PER_SPAN + (node >> 1)) * WORD;
    }

    /** Offset of the word that holds the rkey of a buddy node of a section. */
    public long spanCapability(int section, int node) {
        return spanCapabilities + ((long) section * CAPABILITY_WORDS_PER_SECTION + (node >> 1)) * WORD;
    }

    /** Offset of the directory word of a journal segment. */
    public long segmentOwner(int segment) {
        return directory + (long) segment * WORD;
    }

    /** Offset of a journal slot. */
    public long journalSlot(int slot) {
        return journal + (long) slot * WORD;
    }

    /** Segment of a journal slot. */
    public int segmentOf(int slot) {
        return slot / segmentSlots;
    }

    /** Offset of the word that counts how often the memory node was done with all entries of all revoke rings. */
    public long sweeps() {
        return (long) Superblock.WORDS * WORD;
    }

    /** Entries of a revoke ring; 0 in direct isolation. */
    public int ringEntries() {
        return ringEntries;
    }

    /** Offset of the word that counts the entries of a segment's ring that are done with. */
    public long revokeHead(int segment) {
        return revokeHeads + (long) segment * WORD;
    }

    /** Offset of the entry of a position, counted from 0 on without end, in a segment's ring. */
    public long revokeEntry(int segment, long position) {
        return revokeRings + ((long) segment * ringEntries + position % ringEntries) * WORD;
    }

    /** Journal slots of the memory node itself. */
    public int nodeSlots() {
        return nodeSlots;
    }

    /** Offset of a journal slot of the memory node itself. */
    public long nodeSlot(int slot) {
        return nodeJournal + (long) slot * WORD;
    }
}
