package io.finemem.allocator.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.api.ProtocolViolation;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MetadataLayoutTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 33, 10_240})
    void tablesFollowEachOtherOnLinesWithoutOverlap(int sections) {
        MetadataLayout layout = MetadataLayout.strict(sections, 8);
        long[] starts = {
            layout.sectionWord(0),
            layout.spanHeader(0),
            layout.capability(0, 0),
            layout.spanCapability(0, 0),
            layout.segmentOwner(0),
            layout.journalSlot(0),
            layout.revokeHead(0),
            layout.revokeEntry(0, 0),
            layout.nodeSlot(0),
            layout.bytes()
        };
        long[] ends = {
            layout.sweeps() + 8,
            layout.sectionWord(sections - 1) + 8,
            layout.spanHeader(layout.spans() - 1) + 8,
            layout.capability(layout.spans() - 1, 63) + 8,
            layout.spanCapability(sections - 1, 31) + 8,
            layout.segmentOwner(layout.journalSegments() - 1) + 8,
            layout.journalSlot(layout.journalSegments() * layout.segmentSlots() - 1) + 8,
            layout.revokeHead(layout.journalSegments() - 1) + 8,
            layout.revokeEntry(layout.journalSegments() - 1, layout.ringEntries() - 1) + 8,
            layout.nodeSlot(layout.nodeSlots() - 1) + 8
        };
        for (int i = 0; i < starts.length; i++) {
            assertThat(starts[i] % 64).isZero();
            assertThat(ends[i]).isLessThanOrEqualTo(starts[i]).isGreaterThan(starts[i] - 64);
        }
    }

    @Test
    void metadataOfAGibibyteIsBelowHalfAPercent() {
        MetadataLayout direct = MetadataLayout.of(512, 64);
        MetadataLayout strict = MetadataLayout.strict(512, 64);

        assertThat((double) strict.bytes() / strict.heapBytes()).isLessThan(0.005);
        assertThat(direct.bytes()).as("rings are in strict isolation only").isLessThan(strict.bytes());
        assertThat(direct.ringEntries()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"true,26,344", "false,12,134"})
    void metadataIsBelowHalfAPercentUnlessTheNumberOfOwnersIsGiven(boolean strict, int fromMebibytes, int full) {
        int before = 4;
        for (int sections = 1; sections <= 4096; sections++) {
            int owners = MetadataLayout.affordableOwners(sections, strict);

            assertThat(owners).as("%d sections", sections).isBetween(before, 64);
            assertThat(owners == 64).as("%d sections", sections).isEqualTo(sections >= full / 2);
            assertThat(share(sections, owners, strict) <= 0.005)
                    .as("%d sections", sections)
                    .isEqualTo(sections >= fromMebibytes / 2);
            if (owners < 64) {
                assertThat(share(sections, owners + 1, strict))
                        .as("%d sections and one owner more", sections)
                        .isGreaterThan(0.005);
            }
            before = owners;
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void metadataOfLargePoolsIsBelowHalfAPercent(boolean strict) {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 10_000; i++) {
            int sections = 1 + random.nextInt(MetadataLayout.MAX_SECTIONS >> random.nextInt(14));
            if (sections >= 172) {
                assertThat(MetadataLayout.affordableOwners(sections, strict)).isEqualTo(64);
                assertThat(share(sections, 64, strict))
                        .as("seed %d, %d sections", seed, sections)
                        .isLessThanOrEqualTo(0.005);
            }
        }
    }

    @Test
    void metadataOfTheDefaultPoolIsBelowHalfAPercentFor11Owners() {
        assertThat(MetadataLayout.affordableOwners(32, true)).isEqualTo(11);
        assertThat(MetadataLayout.affordableOwners(32, false)).isEqualTo(30);
        assertThat(share(32, 64, true)).as("64 owners").isBetween(0.0070, 0.0071);
    }

    private static double share(int sections, int owners, boolean strict) {
        MetadataLayout layout = strict ? MetadataLayout.strict(sections, owners) : MetadataLayout.of(sections, owners);
        return (double) layout.bytes() / layout.heapBytes();
    }

    @Test
    void heapFullOfSingleChunksFitsTheJournal() {
        MetadataLayout layout = MetadataLayout.of(3, 5);

        assertThat((long) (layout.journalSegments() - 5) * layout.segmentSlots())
                .isGreaterThanOrEqualTo(layout.chunks());
    }

    @Test
    void impossiblePoolsAreRefused() {
        assertThatThrownBy(() -> new MetadataLayout(0, 1, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new MetadataLayout(MetadataLayout.MAX_SECTIONS + 1, 1, 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new MetadataLayout(1, 0, 1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void superblockReadsBackAndRefusesWhatItIsNot() {
        Superblock superblock = new Superblock(-5, 7, 9, 11, 3);
        long[] words = superblock.words();

        assertThat(Superblock.parse(i -> words[i])).isEqualTo(superblock);
        assertThatThrownBy(() -> Superblock.parse(i -> i == 0 ? 1 : words[i]))
                .isInstanceOf(ProtocolViolation.class)
                .hasMessageContaining("not the metadata of a memory node");
        assertThatThrownBy(() -> Superblock.parse(i -> i == 1 ? 99 : words[i]))
                .isInstanceOf(ProtocolViolation.class)
                .hasMessageContaining("theirs=99 ours=4");
        assertThatThrownBy(() -> Superblock.parse(i -> i == 3 ? 8 : words[i]))
                .isInstanceOf(ProtocolViolation.class)
                .hasMessageContaining("corrupted");
        for (Superblock impossible : List.of(
                new Superblock(1, 0, 9, 11, 3),
                new Superblock(1, Integer.MAX_VALUE, 9, 11, 3),
                new Superblock(1, 7, Integer.MAX_VALUE, 256, 3),
                new Superblock(1, 7, 9, -1, 0),
                new Superblock(1, 7, 9, 11, 12))) {
            assertThatThrownBy(() -> Superblock.parse(i -> impossible.words()[i]))
                    .isInstanceOf(ProtocolViolation.class)
                    .hasMessageContaining("a pool that cannot be");
        }
    }

    @Test
    void buddyNodesOfASpanAreDistinct() {
        boolean[] seen = new boolean[CapabilityWord.NODES_PER_SPAN];
        for (int order = 0; order <= 5; order++) {
            for (int chunk = 0; chunk < 32; chunk += 1 << order) {
                int node = CapabilityWord.node(chunk, order);
                assertThat(seen[node]).isFalse();
                seen[node] = true;
            }
        }
        assertThat(seen[0]).isFalse();
        assertThat(CapabilityWord.rkey(CapabilityWord.of(0x8000_0001, 7), 34)).isEqualTo(0x8000_0001);
        assertThat(CapabilityWord.rkey(CapabilityWord.of(0x8000_0001, 7), 35)).isEqualTo(7);
        assertThat(CapabilityWord.with(CapabilityWord.of(-1, -1), 34, 5)).isEqualTo(CapabilityWord.of(5, -1));
        assertThat(CapabilityWord.with(CapabilityWord.of(-1, -1), 35, 5)).isEqualTo(CapabilityWord.of(-1, 5));
    }

    @Test
    void ordersCoverTheirBytes() {
        assertThat(Geometry.orderOf(1)).isZero();
        assertThat(Geometry.orderOf(4096)).isZero();
        assertThat(Geometry.orderOf(4097)).isEqualTo(1);
        assertThat(Geometry.orderOf(65536)).isEqualTo(4);
        assertThat(Geometry.orderOf(65537)).isEqualTo(5);
        assertThat(Geometry.mask(4, 2)).isEqualTo(0xf0);
        assertThat(Geometry.mask(16, 4)).isEqualTo(0xffff_0000);
        assertThat(Geometry.heapOffset(17, 3)).isEqualTo(17 * 131_072L + 3 * 4096);
    }

    @Test
    void largestPoolHasALayoutWhoseJournalSlotsAreStillNumbered() {
        MetadataLayout largest = MetadataLayout.of(MetadataLayout.MAX_SECTIONS, 1 << 16);

        assertThat(largest.heapBytes()).isEqualTo(32L << 40);
        assertThat(largest.firstSlot(largest.journalSegments() - 1)).isPositive();
    }
}
