package io.finemem.allocator.owner;

/** Where a claimed block lies; reused by a worker so that a claim creates no garbage. */
final class Placement {
    private int span;
    private int chunk;
    private int order;
    private int slot;
    private int rkey;
    private int version;

    void set(int span, int chunk, int order, int slot, int rkey, int version) {
        this.span = span;
        this.chunk = chunk;
        this.order = order;
        this.slot = slot;
        this.rkey = rkey;
        this.version = version;
    }

    int span() {
        return span;
    }

    int chunk() {
        return chunk;
    }

    int order() {
        return order;
    }

    int slot() {
        return slot;
    }

    int rkey() {
        return rkey;
    }

    int version() {
        return version;
    }
}
