package io.finemem.verbs.disni;

import com.ibm.disni.verbs.IbvSge;
import io.finemem.verbs.ffi.NativeMemory;
import io.finemem.verbs.ffi.ScatterGatherEntry;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Native memory of a list of work requests; it lives as long as this object is reachable.
 *
 * <pre>
 *  0                8                 8 + n * request bytes             ... + m * 16
 *  +----------------+-----------------+---------------------------------+
 *  | bad request  8 | n requests ...  | m scatter/gather entries ...    |
 *  +----------------+-----------------+---------------------------------+
 * </pre>
 */
final class WorkRequestMemory {
    private final ByteBuffer memory;
    private final long address;
    private final int requestBytes;
    private long freeEntry;

    WorkRequestMemory(int requests, int requestBytes, int entries) {
        this.requestBytes = requestBytes;
        int entriesStart = Long.BYTES + requests * requestBytes;
        memory = ByteBuffer.allocateDirect(entriesStart + entries * ScatterGatherEntry.BYTES);
        address = NativeMemory.addressOf(memory);
        freeEntry = address + entriesStart;
    }

    /** 8 bytes for the first request that was not posted. */
    long badRequest() {
        return address;
    }

    /** Address of a request; that of the first is what is posted. */
    long request(int index) {
        return address + Long.BYTES + (long) index * requestBytes;
    }

    /** Number of the request that the device refused. */
    int badIndex() {
        return (int) ((NativeMemory.getLong(badRequest()) - request(0)) / requestBytes);
    }

    /** Writes the entries of the next request and returns the address of the first. */
    long addEntries(List<IbvSge> entries, int count) {
        long first = freeEntry;
        for (IbvSge entry : entries.subList(0, count)) {
            ScatterGatherEntry.set(freeEntry, entry.getAddr(), entry.getLength(), entry.getLkey());
            freeEntry += ScatterGatherEntry.BYTES;
        }
        return first;
    }
}
