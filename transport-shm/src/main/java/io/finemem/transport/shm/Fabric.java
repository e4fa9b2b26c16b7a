package io.finemem.transport.shm;

import io.finemem.api.OutOfLocalResources;
import io.finemem.spi.transport.TransportUnavailable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.BitSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The fabric of this transport: hands out ends, keys and files of regions, and removes all of it at the end. */
final class Fabric extends FabricView implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Fabric.class);

    /** Bits of the random start of the addresses, far from 0 and from the end of the address space. */
    private static final int ADDRESS_BITS = 46;

    private static final long GUARD_BYTES = FabricLayout.PAGE_BYTES;

    private final FabricFile file;
    private final RegionFiles files;
    private final long nonce;
    private final KeyTable keyTable;
    private final RegionTable regions = new RegionTable();
    private final SecureRandom random = new SecureRandom();
    private final BitSet usedEnds = new BitSet();
    private final BitSet usedRegions = new BitSet();
    private int endCursor;
    private long regionIds;
    private long nextAddress;

    private Fabric(FabricFile file, ByteBuffer table, ByteBuffer keys, ShmSettings settings) {
        super(table, keys, settings.maxConnections(), settings.maxKeys());
        this.file = file;
        this.files = new RegionFiles(file.name(), settings);
        this.nonce = random.nextLong();
        this.nextAddress = (1L << ADDRESS_BITS | random.nextLong() >>> Long.SIZE - ADDRESS_BITS) & -GUARD_BYTES;
        long keysAt = FabricLayout.tableBytes(settings.maxConnections());
        this.keyTable = new KeyTable(file, table, keys, keysAt, settings.maxKeys());
        writeHeader(settings);
    }

    /**
     * Makes the file and registers it.
     *
     * @throws TransportUnavailable if the directory does not allow it
     * @throws OutOfLocalResources if there is no space
     */
    static Fabric create(ShmSettings settings) {
        FabricFile file = FabricFile.create(settings.directory());
        try {
            int tableBytes = FabricLayout.tableBytes(settings.maxConnections());
            file.commit(0, tableBytes);
            ByteBuffer table = file.map(0, tableBytes);
            ByteBuffer keys = file.map(tableBytes, FabricLayout.keyBytes(settings.maxKeys()));
            Fabric fabric = new Fabric(file, table, keys, settings);
            LocalFabrics.add(fabric);
            return fabric;
        } catch (IOException e) {
            closeQuietly(file, e);
            throw new TransportUnavailable(
                    e, "the shared file cannot be mapped", "path", file.name().fabric());
        } catch (RuntimeException e) {
            closeQuietly(file, e);
            throw e;
        }
    }

    private static void closeQuietly(FabricFile file, Exception failure) {
        try {
            file.close();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    private void writeHeader(ShmSettings settings) {
        SharedWord.putPlain(table(), FabricLayout.VERSION_OFFSET, FabricLayout.VERSION);
        SharedWord.putPlain(table(), FabricLayout.NONCE_OFFSET, nonce);
        SharedWord.putPlain(
                table(), FabricLayout.PID_OFFSET, ProcessHandle.current().pid());
        SharedWord.putPlain(table(), FabricLayout.MAX_CONNECTIONS_OFFSET, settings.maxConnections());
        SharedWord.putPlain(table(), FabricLayout.MAX_KEYS_OFFSET, settings.maxKeys());
        settings.hugeDirectory().ifPresent(this::writeHugeDirectory);
        SharedWord.putVolatile(table(), FabricLayout.MAGIC_OFFSET, FabricLayout.MAGIC);
    }

    private void writeHugeDirectory(Path directory) {
        byte[] bytes = directory.toString().getBytes(StandardCharsets.UTF_8);
        SharedWord.putPlain(table(), FabricLayout.HUGE_DIRECTORY_LENGTH_OFFSET, bytes.length);
        table().put(FabricLayout.HUGE_DIRECTORY_OFFSET, bytes);
    }

    Path path() {
        return file.name().fabric();
    }

    long nonce() {
        return nonce;
    }

    KeyTable keyTable() {
        return keyTable;
    }

    /** A number that no peer can guess; never 0. */
    synchronized long randomNumber() {
        return random.nextLong() & End.INCARNATION_MASK | 1;
    }

    /**
     * A new end, in state {@code CREATED}.
     *
     * @throws OutOfLocalResources if all are used
     */
    synchronized End newEnd(long domain, int servedRights) {
        int slot = usedEnds.nextClearBit(endCursor);
        slot = slot < maxConnections() ? slot : usedEnds.nextClearBit(0);
        if (slot >= maxConnections()) {
            throw new OutOfLocalResources(
                    "all connections are in use; close some, or raise max-connections",
                    "maxConnections",
                    maxConnections());
        }
        usedEnds.set(slot);
        endCursor = slot + 1;
        End end = new End(this, slot, randomNumber());
        end.create(domain, servedRights, randomNumber() << 1);
        return end;
    }

    /** Takes back an end that is closed and retired. */
    synchronized void free(End end) {
        end.free();
        usedEnds.clear(end.slot());
    }

    /**
     * Makes the file of a region, with all its space committed and zeroed.
     *
     * @throws OutOfLocalResources if there is no space, or the process may map no more
     */
    RemoteExtent newExtent(long bytes) {
        RegionFiles.Made made = files.make(newRegionId(), bytes);
        return register(made.id(), bytes, made.memory());
    }

    private synchronized long newRegionId() {
        return ++regionIds;
    }

    private synchronized RemoteExtent register(long id, long bytes, Memory memory) {
        int slot = usedRegions.nextClearBit(0);
        usedRegions.set(slot);
        regions.put(slot, id, memory);
        return new RemoteExtent(slot, id, newAddress(bytes), memory);
    }

    /** An address of its own for so many bytes, aligned to a page, with a gap behind it. */
    synchronized long newAddress(long bytes) {
        long address = nextAddress;
        nextAddress += (bytes + 2 * GUARD_BYTES - 1) & -GUARD_BYTES;
        return address;
    }

    /**
     * Removes the file of a region.
     *
     * @param quiet whether no peer may still be using it: then its space is given back at once, otherwise when the last
     *     process has unmapped it
     */
    void free(RemoteExtent extent, boolean quiet) {
        files.remove(extent.id(), quiet);
        synchronized (this) {
            regions.remove(extent.slot());
            usedRegions.clear(extent.slot());
        }
    }

    @Override
    Memory region(int slot, long id) throws IOException {
        Memory memory = regions.find(slot, id);
        if (memory == null) {
            throw new IOException("region " + id + " of " + name() + " was closed");
        }
        return memory;
    }

    @Override
    boolean dead() {
        return false;
    }

    @Override
    String name() {
        return path().toString();
    }

    /** Removes the names of all its files, for the end of the process; nothing else changes. */
    void unlink() throws IOException {
        files.unlink();
        file.unlink();
    }

    /** All ends and regions must be closed before. */
    @Override
    public void close() {
        LocalFabrics.remove(this);
        try {
            unlink();
            file.close();
        } catch (IOException e) {
            LOG.warn("the shared file cannot be removed [path={}]", path(), e);
        }
    }
}
