package io.finemem.examples.transport;

import io.finemem.api.InvalidRequest;
import io.finemem.spi.transport.Access;
import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.MemoryRegion;
import io.finemem.spi.transport.MemoryWindow;
import io.finemem.spi.transport.Operation;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Elements as objects. A transport for work keeps them in native memory, and makes no garbage. */
final class LocalChain implements Chain {
    record Element(
            Operation operation,
            long address,
            int rkey,
            @Nullable LocalRegion local,
            long offset,
            long length,
            long first,
            long second) {}

    final List<Element> elements = new ArrayList<>();
    final long[] words;
    private final LocalConnection connection;
    CompletionStatus status = CompletionStatus.IDLE;
    CompletionStatus outcome = CompletionStatus.IDLE;
    int failed = -1;
    boolean closed;

    LocalChain(LocalConnection connection, int capacity) {
        this.connection = connection;
        words = new long[capacity];
    }

    private int add(Element element) {
        if (closed || status == CompletionStatus.IN_FLIGHT || size() == capacity()) {
            throw new InvalidRequest("the chain is full, closed or in flight", "size", size(), "capacity", capacity());
        }
        elements.add(element);
        return size() - 1;
    }

    private int word(Operation operation, long address, int rkey, long first, long second) {
        if ((address & 7) != 0) {
            throw new InvalidRequest("a word is aligned to 8 bytes", "address", address);
        }
        return add(new Element(operation, address, rkey, null, 0, Long.BYTES, first, second));
    }

    private int transfer(Operation operation, long address, int rkey, MemoryRegion local, long offset, long length) {
        if (!(local instanceof LocalRegion region)
                || local.domain() != connection.domain
                || length < 1
                || !region.covers(offset, length)) {
            throw new InvalidRequest(
                    "the local range is not one of an open region of the connection's domain",
                    "offset",
                    offset,
                    "length",
                    length);
        }
        return add(new Element(operation, address, rkey, region, offset, length, 0, 0));
    }

    /** Executes one element in the serving region, under the lock. */
    void execute(int number, LocalRegion region) {
        Element is = elements.get(number);
        long at = is.address - region.address();
        if (is.local != null) {
            boolean reads = is.operation == Operation.READ;
            ByteBuffer remote = region.slice(at, (int) is.length);
            ByteBuffer here = is.local.slice(is.offset, (int) is.length);
            (reads ? here : remote).put(reads ? remote : here);
            return;
        }
        long before = region.getWord(at);
        words[number] = before;
        switch (is.operation) {
            case WRITE -> region.putWord(at, is.first);
            case FETCH_ADD -> region.putWord(at, before + is.first);
            case COMPARE_AND_SWAP -> region.putWord(at, before == is.first ? is.second : before);
            default -> {}
        }
    }

    @Override
    public int capacity() {
        return words.length;
    }

    @Override
    public int size() {
        return elements.size();
    }

    @Override
    public Chain clear() {
        if (status == CompletionStatus.IN_FLIGHT) {
            throw new InvalidRequest("the chain is in flight");
        }
        elements.clear();
        status = CompletionStatus.IDLE;
        failed = -1;
        return this;
    }

    @Override
    public int read(long remoteAddress, int rkey, MemoryRegion local, long localOffset, long length) {
        return transfer(Operation.READ, remoteAddress, rkey, local, localOffset, length);
    }

    @Override
    public int write(long remoteAddress, int rkey, MemoryRegion local, long localOffset, long length) {
        return transfer(Operation.WRITE, remoteAddress, rkey, local, localOffset, length);
    }

    @Override
    public int readWord(long remoteAddress, int rkey) {
        return word(Operation.READ, remoteAddress, rkey, 0, 0);
    }

    @Override
    public int writeWord(long remoteAddress, int rkey, long value) {
        return word(Operation.WRITE, remoteAddress, rkey, value, 0);
    }

    @Override
    public int compareAndSwap(long remoteAddress, int rkey, long expected, long update) {
        return word(Operation.COMPARE_AND_SWAP, remoteAddress, rkey, expected, update);
    }

    @Override
    public int fetchAdd(long remoteAddress, int rkey, long addend) {
        return word(Operation.FETCH_ADD, remoteAddress, rkey, addend, 0);
    }

    @Override
    public int bind(MemoryWindow window, MemoryRegion region, long offset, long length, Set<Access> access) {
        throw new InvalidRequest("this transport has no windows");
    }

    @Override
    public int invalidate(MemoryWindow window) {
        throw new InvalidRequest("this transport has no windows");
    }

    @Override
    public long word(int element) {
        if (status != CompletionStatus.SUCCESS || element < 0 || element >= size() || !hasWord(elements.get(element))) {
            throw new InvalidRequest("the element has no word", "element", element, "status", status);
        }
        return words[element];
    }

    private static boolean hasWord(Element element) {
        return element.local == null && element.operation != Operation.WRITE;
    }

    @Override
    public CompletionStatus status() {
        return status;
    }

    @Override
    public int failedElement() {
        return failed;
    }

    @Override
    public Connection connection() {
        return connection;
    }

    @Override
    public void close() {
        closed = true;
    }
}
