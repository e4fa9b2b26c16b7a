package io.finemem.transport.shm;

import io.finemem.api.InvalidRequest;
import io.finemem.spi.transport.Access;
import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.MemoryRegion;
import io.finemem.spi.transport.MemoryWindow;
import io.finemem.spi.transport.Operation;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Elements in arrays that are made once. What an element does not need stays as the element before it left it. */
final class ShmChain implements Chain {
    private static final int NONE = -1;

    private final ShmConnection connection;
    private final Operation[] operations;
    private final @Nullable ShmRegion[] regions;
    private final @Nullable ShmWindow[] windows;
    private final long[] addresses;
    private final int[] keys;
    private final int[] rights;
    private final long[] offsets;
    private final long[] lengths;
    private final long[] expected;
    private final long[] operands;
    private final long[] results;

    private int size;
    private int executed;
    private boolean hasWindows;
    private boolean closed;
    private CompletionStatus status = CompletionStatus.IDLE;
    private CompletionStatus outcome = CompletionStatus.IDLE;
    private int blamed = NONE;
    private int failedElement = NONE;

    ShmChain(ShmConnection connection, int capacity) {
        this.connection = connection;
        operations = new Operation[capacity];
        regions = new @Nullable ShmRegion[capacity];
        windows = new @Nullable ShmWindow[capacity];
        addresses = new long[capacity];
        keys = new int[capacity];
        rights = new int[capacity];
        offsets = new long[capacity];
        lengths = new long[capacity];
        expected = new long[capacity];
        operands = new long[capacity];
        results = new long[capacity];
    }

    @Override
    public int capacity() {
        return operations.length;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public Chain clear() {
        requireNotInFlight();
        for (int i = 0; i < size; i++) {
            regions[i] = null;
            windows[i] = null;
        }
        size = 0;
        hasWindows = false;
        failedElement = NONE;
        status = CompletionStatus.IDLE;
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

    private int transfer(
            Operation operation, long remoteAddress, int rkey, MemoryRegion local, long localOffset, long length) {
        ShmRegion region = ownRegion(local);
        if (length < 1 || length > ShmTransport.MAX_REGION_BYTES || !region.holds(localOffset, length)) {
            throw new InvalidRequest(
                    "the local range is empty or leaves the region",
                    "offset",
                    localOffset,
                    "bytes",
                    length,
                    "regionBytes",
                    region.length());
        }
        int element = add(operation, remoteAddress, rkey);
        regions[element] = region;
        offsets[element] = localOffset;
        lengths[element] = length;
        return element;
    }

    private ShmRegion ownRegion(MemoryRegion local) {
        if (!(local instanceof ShmRegion region) || region.domain() != connection.domain()) {
            throw new InvalidRequest("the local region is not one of the connection's domain", "region", local);
        }
        if (region.closed()) {
            throw new InvalidRequest("the local region is closed", "region", local);
        }
        return region;
    }

    @Override
    public int readWord(long remoteAddress, int rkey) {
        return word(Operation.READ, remoteAddress, rkey, 0, 0);
    }

    @Override
    public int writeWord(long remoteAddress, int rkey, long value) {
        return word(Operation.WRITE, remoteAddress, rkey, 0, value);
    }

    @Override
    public int compareAndSwap(long remoteAddress, int rkey, long expectedValue, long update) {
        return word(Operation.COMPARE_AND_SWAP, remoteAddress, rkey, expectedValue, update);
    }

    @Override
    public int fetchAdd(long remoteAddress, int rkey, long addend) {
        return word(Operation.FETCH_ADD, remoteAddress, rkey, 0, addend);
    }

    private int word(Operation operation, long remoteAddress, int rkey, long expectedValue, long operand) {
        if ((remoteAddress & SharedWord.ALIGNMENT_MASK) != 0) {
            throw new InvalidRequest(
                    "the address of a word must be a multiple of 8", "address", Long.toHexString(remoteAddress));
        }
        int element = add(operation, remoteAddress, rkey);
        expected[element] = expectedValue;
        operands[element] = operand;
        return element;
    }

    @Override
    public int bind(MemoryWindow window, MemoryRegion region, long offset, long length, Set<Access> access) {
        ShmWindow target = ownWindow(window);
        ShmRegion range = ownRegion(region);
        if (access.contains(Access.WINDOW_BIND)) {
            throw new InvalidRequest("a window cannot allow that windows are bound to it", "access", access);
        }
        int element = add(Operation.BIND_WINDOW, 0, 0);
        windows[element] = target;
        regions[element] = range;
        offsets[element] = offset;
        lengths[element] = length;
        rights[element] = Rights.of(access);
        hasWindows = true;
        return element;
    }

    @Override
    public int invalidate(MemoryWindow window) {
        ShmWindow target = ownWindow(window);
        int element = add(Operation.INVALIDATE_WINDOW, 0, 0);
        windows[element] = target;
        hasWindows = true;
        return element;
    }

    private ShmWindow ownWindow(MemoryWindow window) {
        if (!(window instanceof ShmWindow own) || own.domain() != connection.domain()) {
            throw new InvalidRequest("the window is not one of the connection's domain", "window", window);
        }
        if (own.closed()) {
            throw new InvalidRequest("the window is closed", "window", window);
        }
        return own;
    }

    private int add(Operation operation, long remoteAddress, int rkey) {
        if (closed || status != CompletionStatus.IDLE) {
            throw new InvalidRequest("elements can be added to a new or cleared chain only", "status", status);
        }
        if (size == operations.length) {
            throw new InvalidRequest("the chain is full", "capacity", operations.length);
        }
        operations[size] = operation;
        addresses[size] = remoteAddress;
        keys[size] = rkey;
        return size++;
    }

    @Override
    public long word(int element) {
        boolean hasWord = element >= 0
                && element < size
                && regions[element] == null
                && windows[element] == null
                && operations[element] != Operation.WRITE;
        if (status != CompletionStatus.SUCCESS || !hasWord) {
            throw new InvalidRequest("the element has no word", "element", element, "size", size, "status", status);
        }
        return results[element];
    }

    @Override
    public CompletionStatus status() {
        return status;
    }

    @Override
    public int failedElement() {
        return failedElement;
    }

    @Override
    public Connection connection() {
        return connection;
    }

    @Override
    public void close() {
        closed = true;
    }

    void requireNotInFlight() {
        if (status == CompletionStatus.IN_FLIGHT) {
            throw new InvalidRequest("the chain is in flight");
        }
    }

    void requirePostable() {
        requireNotInFlight();
        if (closed || size == 0) {
            throw new InvalidRequest("the chain is empty or closed", "size", size);
        }
    }

    /** It goes into flight; binds get their new rkeys. */
    void post() {
        status = CompletionStatus.IN_FLIGHT;
        outcome = CompletionStatus.IN_FLIGHT;
        failedElement = NONE;
        blamed = NONE;
        executed = 0;
        if (hasWindows) {
            announceWindows();
        }
    }

    private void announceWindows() {
        for (int i = 0; i < size; i++) {
            ShmWindow window = windows[i];
            if (operations[i] == Operation.BIND_WINDOW && window != null) {
                keys[i] = window.announce();
            } else if (window != null) {
                window.announceEnd();
            }
        }
    }

    /** Elements that have executed; the next one has this number. */
    int executed() {
        return executed;
    }

    void elementExecuted() {
        executed++;
    }

    boolean finished() {
        return outcome != CompletionStatus.IN_FLIGHT;
    }

    /** The outcome, which the program sees when it polls. */
    void finish(CompletionStatus newOutcome, boolean blameElement) {
        outcome = newOutcome;
        blamed = blameElement ? executed : NONE;
        for (int i = executed; hasWindows && i < size; i++) {
            ShmWindow window = windows[i];
            if (window != null) {
                window.withdraw();
            }
        }
    }

    void deliver() {
        status = outcome;
        failedElement = blamed;
    }

    Operation operation(int element) {
        return operations[element];
    }

    long address(int element) {
        return addresses[element];
    }

    int rkey(int element) {
        return keys[element];
    }

    @Nullable
    ShmRegion region(int element) {
        return regions[element];
    }

    @Nullable
    ShmWindow window(int element) {
        return windows[element];
    }

    int rights(int element) {
        return rights[element];
    }

    long offset(int element) {
        return offsets[element];
    }

    long length(int element) {
        return lengths[element];
    }

    long expected(int element) {
        return expected[element];
    }

    long operand(int element) {
        return operands[element];
    }

    void result(int element, long value) {
        results[element] = value;
    }
}
