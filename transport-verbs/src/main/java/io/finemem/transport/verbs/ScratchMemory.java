package io.finemem.transport.verbs;

import io.finemem.verbs.ffi.AccessFlags;
import io.finemem.verbs.ffi.MrFields;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Registered words of a domain that only its own connections use: results of word elements. Carved from few large
 * registrations, as each connection needs a few hundred bytes only.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread.
 */
final class ScratchMemory implements AutoCloseable {
    private static final long SLAB_BYTES = 64 << 10;

    private final VerbsDevice device;
    private final long pd;
    private final List<Slab> slabs = new ArrayList<>();
    private final Map<Long, Deque<Piece>> free = new HashMap<>();

    ScratchMemory(VerbsDevice device, long pd) {
        this.device = device;
        this.pd = pd;
    }

    /**
     * A part of a registration.
     *
     * @param address first byte
     * @param bytes length
     * @param localKey for local ranges
     */
    record Piece(long address, long bytes, int localKey) {}

    private record Slab(MappedMemory memory, long mr) {}

    /** Words for one connection; the content is whatever the last user left. */
    synchronized Piece take(long bytes) {
        Deque<Piece> sameSize = free.computeIfAbsent(bytes, size -> new ArrayDeque<>());
        if (sameSize.isEmpty()) {
            carve(bytes, sameSize);
        }
        return sameSize.pop();
    }

    /** Gives words back once nothing can write to them any more. */
    synchronized void giveBack(Piece piece) {
        free.computeIfAbsent(piece.bytes(), size -> new ArrayDeque<>()).push(piece);
    }

    /** Some {@code ibv_mr*} of the domain, which a bind of length 0 needs. */
    synchronized long anyRegistration() {
        if (slabs.isEmpty()) {
            giveBack(take(Long.BYTES));
        }
        return slabs.get(0).mr();
    }

    private void carve(long bytes, Deque<Piece> pieces) {
        MappedMemory memory = MappedMemory.map(Math.max(bytes, SLAB_BYTES), false);
        long mr;
        try {
            mr = device.register(pd, memory.address(), memory.mappedBytes(), AccessFlags.LOCAL_WRITE);
        } catch (RuntimeException e) {
            memory.unmap();
            throw e;
        }
        slabs.add(new Slab(memory, mr));
        for (long offset = 0; offset + bytes <= memory.mappedBytes(); offset += bytes) {
            pieces.add(new Piece(memory.address() + offset, bytes, MrFields.localKey(mr)));
        }
    }

    @Override
    public synchronized void close() {
        for (Slab slab : slabs) {
            int error = device.deregister(slab.mr());
            if (error != 0) {
                throw DeviceErrors.refused("to release scratch memory", device.name(), error);
            }
            slab.memory().unmap();
        }
        slabs.clear();
        free.clear();
    }
}
