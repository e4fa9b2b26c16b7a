package io.finemem.transport.shm;

import java.io.IOException;
import java.nio.ByteBuffer;

/** A mapped fabric: one of this process, or a peer's. */
abstract class FabricView {
    private final ByteBuffer table;
    private final ByteBuffer keys;
    private final int maxConnections;
    private final int tagBits;

    FabricView(ByteBuffer table, ByteBuffer keys, int maxConnections, int maxKeys) {
        this.table = table;
        this.keys = keys;
        this.maxConnections = maxConnections;
        this.tagBits = FabricLayout.tagBits(maxKeys);
    }

    /** Header and ends. */
    final ByteBuffer table() {
        return table;
    }

    final ByteBuffer keys() {
        return keys;
    }

    final int maxConnections() {
        return maxConnections;
    }

    final int tagBits() {
        return tagBits;
    }

    /** Keys below this slot have space in the file; the others must not be touched. */
    final long keyLimit() {
        return SharedWord.getAcquire(table, FabricLayout.KEY_LIMIT_OFFSET);
    }

    /**
     * The memory of a region that a live key names.
     *
     * @throws IOException if its file cannot be mapped
     */
    abstract Memory region(int slot, long id) throws IOException;

    /** Whether the process that owns it has died. */
    abstract boolean dead();

    /** What names it in messages. */
    abstract String name();
}
