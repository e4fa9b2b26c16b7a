package io.finemem.transport.shm;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

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

    /** Where the fabric's files of huge pages are, as its header says. */
    static Optional<Path> hugeDirectory(ByteBuffer header) {
        long length = SharedWord.getPlain(header, FabricLayout.HUGE_DIRECTORY_LENGTH_OFFSET);
        if (length <= 0 || length > FabricLayout.MAX_HUGE_DIRECTORY_BYTES) {
            return Optional.empty();
        }
        byte[] path = new byte[(int) length];
        header.get(FabricLayout.HUGE_DIRECTORY_OFFSET, path);
        try {
            return Optional.of(Path.of(new String(path, StandardCharsets.UTF_8)));
        } catch (InvalidPathException e) {
            return Optional.empty(); // a damaged header; its regions of huge pages are then not found
        }
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
