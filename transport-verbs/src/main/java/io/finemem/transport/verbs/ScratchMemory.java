package io.finemem.transport.verbs;

import io.finemem.verbs.disni.JnrMr;
import io.finemem.verbs.disni.JnrPd;
import io.finemem.verbs.ffi.AccessFlags;
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
    private final JnrPd pd;
    private final List<Slab> slabs = new ArrayList<>();
    private final Map<Long, Deque<Piece>> free = new HashMap<>();

    ScratchMemory(VerbsDevice device, JnrPd pd) {
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

    private record Slab(MappedMemory memory, JnrMr registration) {}

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
        return VerbsDevice.address(slabs.get(0).registration()::address);
    }

    private void carve(long bytes, Deque<Piece> pieces) {
        MappedMemory memory = MappedMemory.map(Math.max(bytes, SLAB_BYTES), 0);
        JnrMr registration;
        try {
            registration = device.register(pd, memory.address(), memory.mappedBytes(), AccessFlags.LOCAL_WRITE);
        } catch (RuntimeException e) {
            memory.unmap();
            throw e;
        }
        slabs.add(new Slab(memory, registration));
        for (long offset = 0; offset + bytes <= memory.mappedBytes(); offset += bytes) {
            pieces.add(new Piece(memory.address() + offset, bytes, registration.getLkey()));
        }
    }

    @Override
    public synchronized void close() {
        for (Slab slab : slabs) {
            if (!device.deregister(slab.registration())) {
                throw new IllegalStateException("scratch memory of " + device.name() + " is still in use");
            }
            slab.memory().unmap();
        }
        slabs.clear();
        free.clear();
    }
}
