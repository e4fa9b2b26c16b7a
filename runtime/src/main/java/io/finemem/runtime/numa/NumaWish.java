package io.finemem.runtime.numa;

/**
 * The setting {@code numa-node} of a pool.
 *
 * @param kind what decides
 * @param node number of the node if the setting names one, otherwise 0
 */
public record NumaWish(Kind kind, int node) {
    /** That of the RDMA device, if it has one. */
    public static final NumaWish AUTO = new NumaWish(Kind.AUTO, 0);

    /** Wherever the kernel puts it. */
    public static final NumaWish NONE = new NumaWish(Kind.NONE, 0);

    /** What decides where memory lies. */
    public enum Kind {
        /** The device. */
        AUTO,
        /** The kernel. */
        NONE,
        /** The setting. */
        NODE
    }

    /** One node. */
    public static NumaWish of(int node) {
        return new NumaWish(Kind.NODE, node);
    }

    @Override
    public String toString() {
        return kind == Kind.NODE ? Integer.toString(node) : kind == Kind.AUTO ? "auto" : "none";
    }
}
