package io.finemem.allocator.owner;

import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.resume.BlockIdentity;
import io.finemem.api.InvalidRequest;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Units that records of held blocks name: nobody holds a unit twice, or two blocks by one slot. */
final class HeldUnits {
    /** One owner at one run of a memory node. */
    private record Holder(long bootNonce, int ownerId) {}

    /** A journal slot, or a span or section. */
    private record Place(Holder holder, int index) {}

    private final Set<Place> slots = new HashSet<>();
    private final Map<Place, Integer> chunks = new HashMap<>();
    private final Map<Place, Integer> spans = new HashMap<>();

    /** Adds records; throws if two of them cannot both be true. */
    void addAll(Collection<BlockIdentity> records) {
        for (BlockIdentity record : records) {
            add(record);
        }
    }

    private void add(BlockIdentity record) {
        Holder holder = new Holder(record.bootNonce(), record.ownerId());
        boolean single = slots.add(new Place(holder, record.slot()));
        int unit = JournalSlot.unit(record.units());
        int mask = JournalSlot.mask(record.units());
        switch (JournalSlot.type(record.units())) {
            case JournalSlot.CHUNKS -> single &= add(chunks, new Place(holder, unit), mask);
            case JournalSlot.SPANS -> single &= add(spans, new Place(holder, unit), mask);
            default -> {
                for (int i = 0; i < mask; i++) {
                    int all = Geometry.spanMask(0, Geometry.SPANS_PER_SECTION_SHIFT);
                    single &= add(spans, new Place(holder, unit + i), all);
                }
            }
        }
        if (!single) {
            throw new InvalidRequest(
                    "two records of held blocks name the same slot or units: what was recorded is corrupted",
                    "block",
                    record);
        }
    }

    /** Whether none of them was named before. */
    private static boolean add(Map<Place, Integer> named, Place place, int mask) {
        Integer before = named.put(place, named.getOrDefault(place, 0) | mask);
        return before == null || (before & mask) == 0;
    }
}
