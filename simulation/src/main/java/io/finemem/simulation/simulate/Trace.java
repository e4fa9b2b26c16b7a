package io.finemem.simulation.simulate;

/** A hash of everything that happened to memory, in order: two runs of the same seed have the same. */
final class Trace {
    private static final long K1 = 0x9e37_79b9_7f4a_7c15L;
    private static final long K2 = 0xff51_afd7_ed55_8ccdL;

    private long hash = K1;
    private long steps;

    void add(int node, long offset, long before, long after) {
        mix(node * K2 + offset);
        mix(before);
        mix(after);
        steps++;
    }

    private void mix(long value) {
        hash = Long.rotateLeft(hash ^ value * K2, 29) * K1;
    }

    long hash() {
        return hash;
    }

    long steps() {
        return steps;
    }
}
