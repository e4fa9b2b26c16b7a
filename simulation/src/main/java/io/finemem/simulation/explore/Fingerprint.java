package io.finemem.simulation.explore;

import io.finemem.allocator.layout.CapabilityWord;
import io.finemem.allocator.layout.RevokeEntry;
import io.finemem.allocator.procedure.StateSink;
import io.finemem.simulation.step.PostedChain;

/**
 * A 128-bit hash of a state, the same for states that cannot be told apart by what follows. Versions only grow, so of a
 * value seen earlier it only matters whether the word still has it: versions are left out, and the number of operations is
 * not bounded. While no resolver is at work, owners that may do the same are interchangeable.
 */
final class Fingerprint implements StateSink {
    private static final long K1 = 0x9e37_79b9_7f4a_7c15L;
    private static final long K2 = 0xc2b2_ae3d_27d4_eb4fL;
    private static final long K3 = 0xff51_afd7_ed55_8ccdL;
    private static final long K4 = 0xc4ce_b9fe_1a85_ec53L;
    private static final long STALE = 0x5ca1e;
    private static final int NOBODY = -1;
    private static final int STORED = 16;

    private final Words words;
    private final boolean symmetric;
    private final long[] lows;
    private final long[] highs;
    private final int[] storedIndex = new int[STORED];
    private final long[] storedWord = new long[STORED];
    private int stored;
    private long[] current = {};
    private int relativeTo = NOBODY;
    private long low;
    private long high;

    Fingerprint(Words words, boolean symmetric) {
        this.words = words;
        this.symmetric = symmetric;
        this.lows = new long[words.owners];
        this.highs = new long[words.owners];
    }

    /** Computes the hash of a state. */
    void of(State state) {
        current = state.words;
        for (int i = 0; i < state.owners.length; i++) {
            begin();
            owner(state, i);
            lows[i] = low;
            highs[i] = high;
        }
        boolean idle = state.resolverIdle();
        if (symmetric && idle) {
            sortOwners();
        }
        begin();
        for (int i = 0; i < words.sections + words.spans; i++) {
            number(words.content(i, current[i]));
        }
        for (int node = 0; node < words.nodes.size(); node++) {
            boolean published = words.publishedRkey(current, node) == words.rkey(current, node);
            number(current[words.window(node)] & 1 | (published ? 2 : 0));
        }
        for (int i = 0; i < lows.length; i++) {
            number(lows[i]);
            number(highs[i]);
        }
        for (int i = words.nodeSlot(0); words.nodeSlots > 0 && i <= words.frozen(); i++) {
            number(current[i]);
        }
        if (!idle) {
            resolvers(state);
        }
        low = finish(low + high);
        high = finish(high ^ low * K1);
    }

    long low() {
        return low;
    }

    long high() {
        return high;
    }

    private void begin() {
        low = K1;
        high = K2;
    }

    private void sortOwners() {
        for (int i = 1; i < lows.length; i++) {
            for (int j = i; j > 0 && Long.compare(lows[j - 1], lows[j]) > 0; j--) {
                swap(lows, j);
                swap(highs, j);
            }
        }
    }

    private static void swap(long[] array, int j) {
        long value = array[j];
        array[j] = array[j - 1];
        array[j - 1] = value;
    }

    private void owner(State state, int number) {
        OwnerState owner = state.owners[number];
        relativeTo = number * words.slotsPerOwner;
        number(owner.status | (owner.asked ? 4 : 0) | owner.doubt << 3 | owner.confirmed << 16);
        number(owner.unread << 16 | owner.told);
        for (int slot = 0; slot < words.slotsPerOwner; slot++) {
            number(owner.held[slot]);
            number(owner.ghost[slot]);
            number(current[words.slot(number, slot)]);
        }
        if (words.ring > 0) {
            ring(owner, number);
        }
        for (Lane lane : owner.lanes) {
            if (lane == null) {
                number(0);
            } else {
                lane(lane);
            }
        }
        relativeTo = 0;
    }

    /** Positions count from the head. */
    private void ring(OwnerState owner, int number) {
        long head = current[words.head(number)];
        number(owner.tail - head);
        for (long waiting : owner.waiting) {
            number(waiting == 0 ? 0 : waiting - head + (1L << Integer.SIZE));
        }
        number(current[words.taken(number)]);
        number(current[words.unsure(number)]);
        for (int i = 0; i < words.ring; i++) {
            boolean present = words.present(current, number, head + i);
            long entry = current[words.entry(number, head + i)];
            number(present ? withoutLap(entry) - ((long) relativeTo << Integer.SIZE) : -1);
        }
    }

    private static long withoutLap(long entry) {
        return (long) RevokeEntry.slot(entry) << Integer.SIZE | Integer.toUnsignedLong(RevokeEntry.units(entry));
    }

    private void lane(Lane lane) {
        Action action = lane.action;
        number(1 + action.kind().ordinal());
        number((long) action.unit() << 32 | (action.slot() & 0xff) << 8 | action.transition() & 0xff);
        number(action.entry());
        number((long) action.slots() << 40 | lane.executed);
        stored = STORED;
        lane.procedure.state(this);
        PostedChain chain = lane.chain;
        for (int i = 0; i < chain.size(); i++) {
            int index = words.index(chain.offset(i));
            if (chain.kind(i) == PostedChain.CAS) {
                compareAndSwap(lane, i, index);
            } else if (lane.executed(i) && chain.kind(i) == PostedChain.READ && index >= 0) {
                value(index, lane.results[chain.result(i)]);
            }
        }
    }

    private void compareAndSwap(Lane lane, int element, int index) {
        PostedChain chain = lane.chain;
        if (!lane.executed(element)) {
            number(current[index] == chain.first(element) ? 1 : 0);
            return;
        }
        long before = lane.results[chain.result(element)];
        if (before == chain.first(element)) {
            number(2);
        } else {
            value(index, before);
        }
    }

    private void resolvers(State state) {
        for (ResolverState resolver : state.resolvers) {
            if (resolver == null) {
                number(0);
                continue;
            }
            number(1 + resolver.position);
            number(resolver.fenced);
            number(resolver.doubts);
            stored = 0;
            resolver.resolution.procedure().state(this);
            int known = stored;
            stored = STORED;
            for (int i = 0; i < resolver.position; i++) {
                resolverResult(resolver, i, known);
            }
        }
    }

    private void resolverResult(ResolverState resolver, int element, int known) {
        PostedChain chain = resolver.chain;
        long result = resolver.results[chain.result(element)];
        int index = words.index(chain.offset(element));
        if (words.isRing(index)) {
            number(result == current[index] ? withoutLap(result) : -1);
            return;
        }
        if (!words.versioned(index)) {
            number(result);
            return;
        }
        value(index, result);
        long same = 0;
        for (int i = 0; i < known; i++) {
            same = same << 1 | (storedIndex[i] == index && storedWord[i] == result ? 1 : 0);
        }
        number(same);
    }

    /** A value of a versioned word whose content matters even if it is outdated. */
    private void value(int index, long value) {
        if (words.isRkeys(index)) {
            rkeys(index, value);
            return;
        }
        if (words.isRing(index)) {
            number(value == current[index] ? 1 : 0);
            return;
        }
        number(words.content(index, value));
        number(value == current[index] ? 1 : 0);
    }

    @Override
    public void number(long value) {
        low = Long.rotateLeft(low ^ value * K3, 29) * K1;
        high = Long.rotateLeft(high + value * K4, 31) * K2;
    }

    /** Of an rkey that was read it only matters whether it is still valid. */
    private void rkeys(int index, long value) {
        for (int node = 0; node < words.nodes.size(); node++) {
            Keys.Node of = words.nodes.get(node);
            if (words.index(of.offset()) == index) {
                number(CapabilityWord.rkey(value, of.node()) == words.rkey(current, node) ? 1 : 0);
            }
        }
    }

    @Override
    public void position(int segment, long position) {
        number(position - current[words.head(segment)]);
    }

    @Override
    public void slot(int slot) {
        number(slot - relativeTo);
    }

    /** Of an outdated value that an owner expects, the compare-and-swap will bring another: its content has no effect. */
    @Override
    public void word(long offset, long value) {
        int index = words.index(offset);
        if (index < 0) {
            number(value);
            return;
        }
        if (stored < STORED) {
            storedIndex[stored] = index;
            storedWord[stored++] = value;
            value(index, value);
            return;
        }
        number(value == current[index] ? words.content(index, value) : STALE);
    }

    private static long finish(long value) {
        long mixed = (value ^ value >>> 33) * K3;
        mixed = (mixed ^ mixed >>> 29) * K4;
        return mixed ^ mixed >>> 32;
    }
}
