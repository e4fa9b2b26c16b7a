package io.finemem.transport.shm;

import io.finemem.api.ProtocolViolation;
import io.finemem.spi.transport.ConnectionLost;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A peer's fabric, mapped by this process. */
final class PeerFabric extends FabricView {
    private static final Set<OpenOption> EXISTING =
            Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);

    /** Channels to files of this very process, made by another class loader: closing one would drop the other's lock. */
    private static final Queue<FileChannel> NEVER_CLOSED = new ConcurrentLinkedQueue<>();

    private final FabricName name;
    private final long nonce;
    private final FileChannel channel;
    private final Optional<Path> hugeDirectory;
    private final RegionTable regions = new RegionTable();
    private volatile boolean dead;

    private PeerFabric(
            FabricName name, FileChannel channel, ByteBuffer table, ByteBuffer keys, int maxConnections, int maxKeys) {
        super(table, keys, maxConnections, maxKeys);
        this.name = name;
        this.channel = channel;
        this.hugeDirectory = hugeDirectory(table);
        this.nonce = SharedWord.getPlain(table, FabricLayout.NONCE_OFFSET);
    }

    /**
     * Maps the fabric that a descriptor names.
     *
     * @throws ConnectionLost if it is not there, or its process is dead
     * @throws ProtocolViolation if it has another version
     */
    static PeerFabric open(Path path) {
        FabricName name = FabricName.of(path)
                .orElseThrow(() -> new ProtocolViolation("the path is not one of a fabric", "path", path));
        if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
            throw new ConnectionLost(
                    "the peer's file does not exist: the peer has ended, or sees another directory than this process",
                    "path",
                    path);
        }
        try {
            return Uninterrupted.run(() -> open(name, path));
        } catch (IOException e) {
            throw new ConnectionLost(
                    e, "the peer's file cannot be mapped; both processes must run as the same user", "path", path);
        }
    }

    private static PeerFabric open(FabricName name, Path path) throws IOException {
        FileChannel channel = FileChannel.open(path, EXISTING);
        try {
            PeerFabric fabric = map(name, channel);
            if (fabric.probe()) {
                throw new ConnectionLost("the peer's process has ended", "path", path);
            }
            return fabric;
        } catch (IOException | RuntimeException e) {
            close(name, channel);
            throw e;
        }
    }

    private static PeerFabric map(FabricName name, FileChannel channel) throws IOException {
        ByteBuffer header = map(channel, 0, FabricLayout.HEADER_BYTES);
        if (SharedWord.getVolatile(header, FabricLayout.MAGIC_OFFSET) != FabricLayout.MAGIC) {
            throw new IOException("the file is not a fabric");
        }
        long version = SharedWord.getPlain(header, FabricLayout.VERSION_OFFSET);
        if (version != FabricLayout.VERSION) {
            throw new ProtocolViolation(
                    "the peer's file has another version; both sides must run the same release",
                    "version",
                    version,
                    "expected",
                    FabricLayout.VERSION);
        }
        long connections = SharedWord.getPlain(header, FabricLayout.MAX_CONNECTIONS_OFFSET);
        long keys = SharedWord.getPlain(header, FabricLayout.MAX_KEYS_OFFSET);
        boolean valid = connections >= 1
                && connections <= FabricLayout.MAX_CONNECTIONS_LIMIT
                && keys >= FabricLayout.MIN_KEYS
                && keys <= FabricLayout.MAX_KEYS_LIMIT
                && Long.bitCount(keys) == 1;
        if (!valid) {
            throw new IOException("the header of the file is damaged");
        }
        int tableBytes = FabricLayout.tableBytes((int) connections);
        return new PeerFabric(
                name,
                channel,
                map(channel, 0, tableBytes),
                map(channel, tableBytes, FabricLayout.keyBytes((int) keys)),
                (int) connections,
                (int) keys);
    }

    /** Maps what exists; mapping more would make the file longer. */
    private static ByteBuffer map(FileChannel channel, long from, int bytes) throws IOException {
        if (channel.size() < from + bytes) {
            throw new IOException("the file is too short");
        }
        return channel.map(FileChannel.MapMode.READ_WRITE, from, bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    Path path() {
        return name.fabric();
    }

    long nonce() {
        return nonce;
    }

    @Override
    Memory region(int slot, long id) throws IOException {
        Memory memory = regions.find(slot, id);
        return memory != null ? memory : mapRegion(slot, id);
    }

    private synchronized Memory mapRegion(int slot, long id) throws IOException {
        Memory memory = regions.find(slot, id);
        if (memory == null) {
            memory = Uninterrupted.run(() -> map(name.region(id, hugeDirectory)));
            regions.put(slot, id, memory);
        }
        return memory;
    }

    private static Memory map(Path path) throws IOException {
        try (FileChannel file = FileChannel.open(path, EXISTING)) {
            return Memory.map(file, file.size());
        }
    }

    /** Looks whether the process has died; costs a system call. One thread at a time. */
    boolean probe() throws IOException {
        if (!dead) {
            try {
                dead = FabricFile.abandoned(channel);
            } catch (OverlappingFileLockException e) {
                // Somebody in this process holds the lock, or is probing: the next probe decides.
                return false;
            }
        }
        return dead;
    }

    @Override
    boolean dead() {
        return dead;
    }

    @Override
    String name() {
        return path().toString();
    }

    /** Ends the probes. The mappings stay as long as connections hold them. */
    void close() throws IOException {
        close(name, channel);
    }

    private static void close(FabricName name, FileChannel channel) throws IOException {
        if (name.pid() == ProcessHandle.current().pid()) {
            NEVER_CLOSED.add(channel);
        } else {
            channel.close();
        }
    }
}
