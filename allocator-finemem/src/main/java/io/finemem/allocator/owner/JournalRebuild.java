package io.finemem.allocator.owner;

import io.finemem.allocator.decision.ResumeDecisions;
import io.finemem.allocator.driver.ChainDriver;
import io.finemem.allocator.layout.CapabilityWord;
import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.resume.BlockIdentity;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Rebuilds what a resumed owner has at one memory node, from its journal and from what its predecessor had recorded. Nothing of
 * the predecessor executes any more, so the journal is at rest but for the memory node, which only erases.
 *
 * <pre>
 *   slot says          and                                         it is
 *   --------------------------------------------------------------------------------------------------
 *   anything           a revoke entry names it, head not behind    being revoked, until the head is
 *   anything           the node still decides it                   in doubt: RESOLVE
 *   EMPTY                                                          free
 *   units              recorded as held, all in use                held
 *   units              some not in use                             free, its entry is stale
 *   units, transition  else                                        in doubt: RESOLVE
 * </pre>
 *
 * The last four are {@link ResumeDecisions}. What is in doubt is given back if the owner has it: a claim whose answer nobody got, a
 * free that was cut off, a block claimed ahead.
 */
final class JournalRebuild {
    private static final int WHOLE_SECTION = CapabilityWord.spanNode(0, Geometry.SPANS_PER_SECTION_SHIFT);

    private final NodeSession node;
    private final SlotPool slots;
    private final MetadataLayout layout;
    private final ChainDriver driver;
    private final Set<Integer> undecided;
    private final Map<Integer, BlockIdentity> records = new HashMap<>();
    private final Map<Integer, Long> revoking = new HashMap<>();
    private final List<Claim> claims = new ArrayList<>();
    private final List<OwnedBlock> blocks = new ArrayList<>();

    /** A slot that names units of the pool. */
    private record Claim(int slot, int journalSlot, long word) {
        int type() {
            return JournalSlot.type(word);
        }

        int unit() {
            return JournalSlot.unit(word);
        }

        int mask() {
            return JournalSlot.mask(word);
        }

        /** Words that say whether its units are in use. */
        int words() {
            return ResumeDecisions.words(word);
        }
    }

    /**
     * A rebuild for an owner that was resumed.
     *
     * @param driver connected to the node's metadata
     * @param undecided journal slots that the node still decides
     * @param held blocks of this owner that were recorded as held, no two of a slot
     */
    JournalRebuild(NodeSession node, ChainDriver driver, Collection<Integer> undecided, List<BlockIdentity> held) {
        this.node = node;
        this.slots = node.slots();
        this.layout = node.layout();
        this.driver = driver;
        this.undecided = new HashSet<>(undecided);
        held.forEach(record -> records.put(record.slot(), record));
    }

    /** Fills the node's slot pool; gives the blocks that are held. */
    List<OwnedBlock> run() {
        for (int segment = 0; segment < slots.segments(); segment++) {
            if (layout.ringEntries() > 0) {
                revoking.putAll(new RingRebuild(layout, driver, slots.ringOfSegment(segment)).run());
            }
            readSlots(segment);
        }
        decide();
        return blocks;
    }

    private void readSlots(int segment) {
        int count = slots.segmentSlots();
        for (int first = 0; first < count; first += ChainDriver.MAX_BULK_WORDS) {
            int size = Math.min(ChainDriver.MAX_BULK_WORDS, count - first);
            int slot = segment * count + first;
            driver.readWords(layout.journalSlot(slots.journalSlot(slot)), size);
            for (int i = 0; i < size; i++) {
                take(slot + i, driver.bulkWord(i));
            }
        }
    }

    private void take(int slot, long word) {
        int journalSlot = slots.journalSlot(slot);
        slots.setUsed(slot, JournalSlot.kind(word) != JournalSlot.EMPTY);
        Long position = revoking.get(journalSlot);
        if (position != null) {
            slots.ring(slot).restore(position, slot, word);
        } else if (undecided.contains(journalSlot)) {
            node.doubt(slot);
        } else if (JournalSlot.kind(word) == JournalSlot.EMPTY) {
            slots.give(slot);
        } else if (readable(word)) {
            claims.add(new Claim(slot, journalSlot, word));
        } else {
            node.doubt(slot);
        }
    }

    /** Whether it names units that exist. */
    private boolean readable(long word) {
        int unit = JournalSlot.unit(word);
        int mask = JournalSlot.mask(word);
        return switch (JournalSlot.type(word)) {
            case JournalSlot.CHUNKS -> unit < layout.spans() && mask != 0;
            case JournalSlot.SPANS -> unit < layout.sections() && mask != 0;
            case JournalSlot.SECTIONS -> mask > 0 && mask <= layout.sections() - unit;
            default -> false;
        };
    }

    private void decide() {
        WordTable words = new WordTable();
        for (Claim claim : claims) {
            for (int i = 0; i < claim.words(); i++) {
                words.want(word(claim, i));
            }
        }
        words.read(driver);
        List<Claim> held = new ArrayList<>();
        for (Claim claim : claims) {
            switch (ResumeDecisions.of(claim.word(), recorded(claim), wordsInUse(claim, words))) {
                case HELD -> held.add(claim);
                case DOUBT -> node.doubt(claim.slot());
                case FREE -> slots.give(claim.slot());
            }
        }
        restore(held);
    }

    private long word(Claim claim, int index) {
        return claim.type() == JournalSlot.CHUNKS
                ? layout.spanHeader(claim.unit())
                : layout.sectionWord(claim.unit() + index);
    }

    /** In how many of its words all its units are in use. */
    private int wordsInUse(Claim claim, WordTable words) {
        int count = 0;
        for (int i = 0; i < claim.words(); i++) {
            count += ResumeDecisions.inUse(claim.word(), words.value(word(claim, i))) ? 1 : 0;
        }
        return count;
    }

    /** What the slot must say if it stands for a block that was recorded as held. */
    private long recorded(Claim claim) {
        BlockIdentity record = records.get(claim.journalSlot());
        return record == null ? 0 : record.units();
    }

    private void restore(List<Claim> held) {
        WordTable keys = new WordTable();
        for (Claim claim : held) {
            for (int i = 0; i < keysOf(claim); i++) {
                keys.want(key(claim, i));
            }
        }
        keys.read(driver);
        for (Claim claim : held) {
            OwnedBlock block = new OwnedBlock(node, placement(claim, keys));
            if (JournalSlot.kind(claim.word()) == JournalSlot.OWNED) {
                block.setConfirmed();
            }
            slots.setBlock(claim.slot(), block);
            blocks.add(block);
        }
    }

    /** In strict isolation each section of a run has its own. */
    private int keysOf(Claim claim) {
        return layout.ringEntries() > 0 ? claim.words() : 1;
    }

    private static int buddyNode(Claim claim) {
        int first = Integer.numberOfTrailingZeros(claim.mask());
        int order = order(claim.mask());
        return switch (claim.type()) {
            case JournalSlot.CHUNKS -> CapabilityWord.node(first, order);
            case JournalSlot.SPANS -> CapabilityWord.spanNode(first, order);
            default -> WHOLE_SECTION;
        };
    }

    private static int order(int mask) {
        return Integer.numberOfTrailingZeros(Integer.bitCount(mask));
    }

    private long key(Claim claim, int index) {
        return claim.type() == JournalSlot.CHUNKS
                ? layout.capability(claim.unit(), buddyNode(claim))
                : layout.spanCapability(claim.unit() + index, buddyNode(claim));
    }

    private Placement placement(Claim claim, WordTable keys) {
        int[] rkeys = new int[keysOf(claim)];
        for (int i = 0; i < rkeys.length; i++) {
            rkeys[i] = CapabilityWord.rkey(keys.value(key(claim, i)), buddyNode(claim));
        }
        int generation = records.get(claim.journalSlot()).generation();
        int first = Integer.numberOfTrailingZeros(claim.mask());
        int order = order(claim.mask());
        Placement placement = new Placement();
        switch (claim.type()) {
            case JournalSlot.CHUNKS -> placement.chunks(claim.unit(), first, order, claim.slot(), rkeys[0], generation);
            case JournalSlot.SPANS -> placement.spans(claim.unit(), first, order, claim.slot(), rkeys[0], generation);
            default ->
                placement.sections(
                        claim.unit(),
                        claim.mask(),
                        claim.slot(),
                        rkeys[0],
                        layout.ringEntries() > 0 ? rkeys : OwnedBlock.ONE_RKEY,
                        generation);
        }
        return placement;
    }
}
