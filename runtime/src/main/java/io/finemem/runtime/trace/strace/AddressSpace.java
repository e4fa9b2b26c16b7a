package io.finemem.runtime.trace.strace;

import io.finemem.runtime.trace.TraceEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Anonymous memory of one process, page by page. A page is allocated when it becomes writable for the first time, by
 * brk, mmap, mremap or mprotect, and freed when it is unmapped or mapped over. Reservations (PROT_NONE), files, and
 * stacks of threads do not count: these are megabytes of which a thread touches a few pages.
 */
final class AddressSpace {
    private final TreeMap<Long, Extent> extents = new TreeMap<>();
    private final List<Moment> moments = new ArrayList<>();
    private long heapEnd;

    /** Allocations and releases in the order in which they happened. */
    List<Moment> moments() {
        return moments;
    }

    void apply(SystemCall call) {
        if (call.failed()) {
            return;
        }
        switch (call.name()) {
            case "mmap" -> map(call);
            case "munmap" -> unmap(call.number(0), pages(call.number(1)), call.micros());
            case "mprotect" -> protect(call);
            case "brk" -> moveHeapEnd(call);
            case "mremap" -> remap(call);
            case "execve" -> replaceProgram(call.micros());
            default -> {
                // Calls that make threads and processes do not change this address space.
            }
        }
    }

    private void map(SystemCall call) {
        long start = call.result();
        long length = pages(call.number(1));
        unmap(start, length, call.micros());
        if (call.has(3, "MAP_ANONYMOUS") && !call.has(3, "MAP_STACK")) {
            put(new Extent(start, start + length, null, 0));
            if (call.has(2, "PROT_WRITE")) {
                makeUsable(start, length, call.micros());
            }
        }
    }

    private void protect(SystemCall call) {
        if (call.has(2, "PROT_WRITE")) {
            makeUsable(call.number(0), pages(call.number(1)), call.micros());
        }
    }

    private void moveHeapEnd(SystemCall call) {
        long end = pages(call.result());
        if (heapEnd == 0) {
            heapEnd = end;
        } else if (end > heapEnd) {
            put(new Extent(heapEnd, end, null, 0));
            makeUsable(heapEnd, end - heapEnd, call.micros());
        } else if (end < heapEnd) {
            unmap(end, heapEnd - end, call.micros());
        }
        heapEnd = end;
    }

    private void remap(SystemCall call) {
        if (call.has(3, "MREMAP_DONTUNMAP")) {
            throw new MalformedLog(call.endedAt(), "mremap with MREMAP_DONTUNMAP is not understood");
        }
        long from = call.number(0);
        long oldLength = pages(call.number(1));
        long newLength = pages(call.number(2));
        long to = call.result();
        long kept = Math.min(oldLength, newLength);
        List<Extent> moving = cut(from, kept);
        unmap(from + kept, oldLength - kept, call.micros());
        unmap(to, newLength, call.micros());
        moving.forEach(extent -> put(extent.at(to + extent.start() - from)));
        if (!moving.isEmpty() && newLength > oldLength) {
            put(new Extent(to + oldLength, to + newLength, null, 0));
            if (moving.get(moving.size() - 1).allocation() != null) {
                makeUsable(to + oldLength, newLength - oldLength, call.micros());
            }
        }
    }

    private void replaceProgram(long micros) {
        if (!extents.isEmpty()) {
            long start = extents.firstKey();
            unmap(start, extents.lastEntry().getValue().end() - start, micros);
        }
        heapEnd = 0;
    }

    private void makeUsable(long start, long length, long micros) {
        for (Extent extent : cut(start, length)) {
            if (extent.allocation() != null) {
                put(extent);
                continue;
            }
            Allocation allocation = new Allocation(micros, extent.bytes());
            moments.add(allocation);
            put(new Extent(extent.start(), extent.end(), allocation, 0));
        }
    }

    private void unmap(long start, long length, long micros) {
        Release release = new Release(micros);
        boolean released = false;
        for (Extent extent : cut(start, length)) {
            if (extent.allocation() != null) {
                extent.allocation().release(extent.offset(), extent.bytes(), release);
                released = true;
            }
        }
        if (released) {
            moments.add(release);
        }
    }

    /** Takes the range out, splitting what reaches over its ends. */
    private List<Extent> cut(long start, long length) {
        splitAt(start);
        splitAt(start + length);
        Map<Long, Extent> inside = extents.subMap(start, start + length);
        List<Extent> taken = List.copyOf(inside.values());
        inside.clear();
        return taken;
    }

    private void splitAt(long address) {
        var below = extents.lowerEntry(address);
        if (below != null && below.getValue().end() > address) {
            Extent whole = below.getValue();
            put(whole.part(whole.start(), address));
            put(whole.part(address, whole.end()));
        }
    }

    private void put(Extent extent) {
        extents.put(extent.start(), extent);
    }

    private static long pages(long bytes) {
        return (bytes + TraceEvent.PAGE_BYTES - 1) / TraceEvent.PAGE_BYTES * TraceEvent.PAGE_BYTES;
    }
}
