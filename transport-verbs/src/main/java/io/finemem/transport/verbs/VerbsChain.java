package io.finemem.transport.verbs;

import io.finemem.api.InvalidRequest;
import io.finemem.spi.transport.Access;
import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.MemoryRegion;
import io.finemem.spi.transport.MemoryWindow;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The elements of a chain in heap arrays; {@link WorkQueue} writes them into work requests when the chain is posted,
 * and copies results back when it completes. So a chain owns nothing that could be released under it.
 */
final class VerbsChain implements Chain {
    private static final int NO_ELEMENT = -1;

    private final VerbsConnection connection;
    private final ElementKind[] kinds;
    private final long[] remoteAddresses;
    private final int[] rkeys;
    /** Transfers: local address. Atomics: compare or addend. WRITE of a word: its value. */
    private final long[] firstOperands;
    /** Transfers: bytes. CAS: new value. */
    private final long[] secondOperands;
    /** Transfers: local key. Binds: access flags. */
    private final int[] localKeys;

    private final long[] words;
    private @Nullable WindowElements windows;
    private boolean hasWindows;
    private int size;
    private boolean closed;
    private CompletionStatus status = CompletionStatus.IDLE;
    private CompletionStatus outcome = CompletionStatus.SUCCESS;
    private int failedElement = NO_ELEMENT;
    private long firstSequence;

    VerbsChain(VerbsConnection connection, int capacity) {
        this.connection = connection;
        this.kinds = new ElementKind[capacity];
        this.remoteAddresses = new long[capacity];
        this.rkeys = new int[capacity];
        this.firstOperands = new long[capacity];
        this.secondOperands = new long[capacity];
        this.localKeys = new int[capacity];
        this.words = new long[capacity];
    }

    @Override
    public int capacity() {
        return kinds.length;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public Chain clear() {
        if (status == CompletionStatus.IN_FLIGHT) {
            throw new InvalidRequest("a chain in flight cannot be cleared", "elements", size);
        }
        if (windows != null && hasWindows) {
            windows.clear(size);
        }
        hasWindows = false;
        size = 0;
        status = CompletionStatus.IDLE;
        failedElement = NO_ELEMENT;
        return this;
    }

    @Override
    public int read(long remoteAddress, int rkey, MemoryRegion local, long localOffset, long length) {
        return transfer(ElementKind.READ, remoteAddress, rkey, local, localOffset, length);
    }

    @Override
    public int write(long remoteAddress, int rkey, MemoryRegion local, long localOffset, long length) {
        return transfer(ElementKind.WRITE, remoteAddress, rkey, local, localOffset, length);
    }

    @Override
    public int readWord(long remoteAddress, int rkey) {
        requireAligned(remoteAddress);
        return add(ElementKind.READ_WORD, remoteAddress, rkey, 0, 0, 0);
    }

    @Override
    public int writeWord(long remoteAddress, int rkey, long value) {
        requireAligned(remoteAddress);
        return add(ElementKind.WRITE_WORD, remoteAddress, rkey, value, 0, 0);
    }

    @Override
    public int compareAndSwap(long remoteAddress, int rkey, long expected, long update) {
        requireAligned(remoteAddress);
        return add(ElementKind.COMPARE_AND_SWAP, remoteAddress, rkey, expected, update, 0);
    }

    @Override
    public int fetchAdd(long remoteAddress, int rkey, long addend) {
        requireAligned(remoteAddress);
        return add(ElementKind.FETCH_ADD, remoteAddress, rkey, addend, 0, 0);
    }

    @Override
    public int bind(MemoryWindow window, MemoryRegion region, long offset, long length, Set<Access> access) {
        VerbsWindow own = ownWindow(window);
        VerbsRegion target = ownRegion(region);
        if (!target.allowsWindows() || access.contains(Access.WINDOW_BIND)) {
            throw new InvalidRequest(
                    "windows need a region with WINDOW_BIND and do not have that right themselves",
                    "regionAllowsWindows",
                    target.allowsWindows(),
                    "access",
                    access);
        }
        if (length < 1) {
            throw new InvalidRequest("a window must have 1 byte or more", "length", length);
        }
        long address = target.range(offset, length);
        int element = add(ElementKind.BIND, 0, 0, address, length, AccessRights.flags(access));
        windows().set(element, own, target);
        return element;
    }

    @Override
    public int invalidate(MemoryWindow window) {
        VerbsWindow own = ownWindow(window);
        int element = add(ElementKind.INVALIDATE, 0, 0, 0, 0, 0);
        windows().set(element, own, null);
        return element;
    }

    private int transfer(
            ElementKind kind, long remoteAddress, int rkey, MemoryRegion local, long localOffset, long length) {
        VerbsRegion region = ownRegion(local);
        long longest = connection.maxTransferBytes();
        if (length < 1 || length > longest) {
            throw new InvalidRequest(
                    "a transfer must have 1 to maxTransferBytes bytes", "length", length, "max", longest);
        }
        long address = region.range(localOffset, length);
        return add(kind, remoteAddress, rkey, address, length, region.localKey());
    }

    private int add(ElementKind kind, long remoteAddress, int rkey, long first, long second, int localKey) {
        requireFilling();
        int element = size++;
        kinds[element] = kind;
        remoteAddresses[element] = remoteAddress;
        rkeys[element] = rkey;
        firstOperands[element] = first;
        secondOperands[element] = second;
        localKeys[element] = localKey;
        return element;
    }

    private void requireFilling() {
        if (closed || status != CompletionStatus.IDLE || size == kinds.length) {
            throw new InvalidRequest(
                    closed
                            ? "the chain is closed"
                            : size == kinds.length ? "the chain is full" : "clear the chain first",
                    "status",
                    status,
                    "capacity",
                    kinds.length);
        }
    }

    private static void requireAligned(long remoteAddress) {
        if ((remoteAddress & Long.BYTES - 1) != 0) {
            throw new InvalidRequest(
                    "a word must be aligned to 8 bytes", "remoteAddress", Long.toHexString(remoteAddress));
        }
    }

    private VerbsRegion ownRegion(MemoryRegion region) {
        if (region.domain() != connection.domain()) {
            throw new InvalidRequest("the region belongs to another domain", "address", region.address());
        }
        return (VerbsRegion) region;
    }

    private VerbsWindow ownWindow(MemoryWindow window) {
        if (window.domain() != connection.domain()) {
            throw new InvalidRequest("the window belongs to another domain", "rkey", window.rkey());
        }
        VerbsWindow own = (VerbsWindow) window;
        own.requireOpen();
        return own;
    }

    private WindowElements windows() {
        hasWindows = true;
        WindowElements existing = windows;
        if (existing == null) {
            existing = new WindowElements(kinds.length);
            windows = existing;
        }
        return existing;
    }

    @Override
    public long word(int element) {
        if (status != CompletionStatus.SUCCESS || element < 0 || element >= size || !kinds[element].hasWord()) {
            throw new InvalidRequest("the element has no result", "element", element, "status", status);
        }
        return words[element];
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

    // ---- for the connection and its work queue ----

    void requireSubmittable() {
        if (closed || size == 0 || status == CompletionStatus.IN_FLIGHT) {
            throw new InvalidRequest(
                    closed ? "the chain is closed" : size == 0 ? "the chain is empty" : "the chain is in flight",
                    "elements",
                    size);
        }
    }

    void submitted(long sequence) {
        firstSequence = sequence;
        status = CompletionStatus.IN_FLIGHT;
        outcome = CompletionStatus.SUCCESS;
        failedElement = NO_ELEMENT;
    }

    /** Number of the first element in the connection's sequence. */
    long firstSequence() {
        return firstSequence;
    }

    /** How it will end, once its last element has completed. */
    void willEnd(CompletionStatus end, int blamedElement) {
        outcome = end;
        failedElement = blamedElement;
    }

    boolean willSucceed() {
        return outcome == CompletionStatus.SUCCESS;
    }

    void completed() {
        status = outcome;
    }

    void setWord(int element, long value) {
        words[element] = value;
    }

    ElementKind kind(int element) {
        return kinds[element];
    }

    long remoteAddress(int element) {
        return remoteAddresses[element];
    }

    int rkey(int element) {
        return rkeys[element];
    }

    long firstOperand(int element) {
        return firstOperands[element];
    }

    long secondOperand(int element) {
        return secondOperands[element];
    }

    int localKey(int element) {
        return localKeys[element];
    }

    /** The window elements, or null if there are none. */
    @Nullable
    WindowElements windowElements() {
        return hasWindows ? windows : null;
    }
}
