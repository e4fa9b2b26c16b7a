package io.finemem.spi.coordination;

/** What a memory node is doing, by its own word; {@code GONE} also by the end of its lease. */
public enum MemoryNodeState {
    /** Starting: it does not accept owners yet. */
    JOINING,
    /** Accepts owners and allocations. */
    SERVING,
    /** Serves what is in use, but wants no new owners and allocations. */
    DRAINING,
    /** Stopped, or its lease ended. A node whose lease ended, but which still runs, comes back by itself. */
    GONE;

    /**
     * Whether a node in this state may announce the other one. Draining can be called off; nobody goes back to joining.
     */
    public boolean mayBecome(MemoryNodeState next) {
        return switch (next) {
            case JOINING -> this == JOINING;
            case SERVING, DRAINING -> this != GONE;
            case GONE -> true;
        };
    }
}
