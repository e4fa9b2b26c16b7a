package io.finemem.transport.verbs;

import io.finemem.spi.transport.ConnectionCounters;
import io.finemem.verbs.ffi.BindInfo;
import io.finemem.verbs.ffi.DeviceOperations;
import io.finemem.verbs.ffi.MemoryWindowBind;
import io.finemem.verbs.ffi.MwFields;
import io.finemem.verbs.ffi.NativeMemory;
import io.finemem.verbs.ffi.ScatterGatherEntry;
import io.finemem.verbs.ffi.SendWorkRequest;
import io.finemem.verbs.ffi.WorkCompletion;

/**
 * The native side of a connection: a ring of prepared work requests. Slot {@code s} serves the elements whose sequence
 * number is {@code s} modulo the depth; at most {@code depth} elements are in flight, so a slot's result word is never
 * shared.
 * <pre>
 *  one allocation (not seen by the device):
 *  | work requests, depth x 128 | word entries, depth x 16 | transfer entries, depth x 16 | bad | completion | bind |
 *          sg_list of word elements ---^ prepared once
 *  registered scratch memory:   | result words, depth x 8 |
 * </pre>
 * Posting copies the requests into the device's queue, so that a slot's request may be rewritten at once; its result
 * word waits for the completion.
 *
 * <p><b>Thread-safety.</b> None: used by the posting thread within the connection's {@link NativeGuard}.
 */
final class WorkQueue {
    private final DeviceOperations operations;
    private final ConnectionCounters counters;
    private final long qp;
    private final long cq;
    private final ScratchMemory scratchMemory;
    private final ScratchMemory.Piece scratch;
    private final long anyRegistration;
    private final int wordWriteFlags;
    private final boolean bindByRequest;
    private final int mask;
    private final long base;
    private final long wordEntries;
    private final long transferEntries;
    private final long badRequest;
    private final long completion;
    private final long bind;

    WorkQueue(VerbsDomain domain, QueuePair queuePair, int depth, ConnectionCounters counters) {
        this.operations = domain.device().operations();
        this.counters = counters;
        this.qp = queuePair.address();
        this.cq = queuePair.completionQueue();
        this.scratchMemory = domain.scratch();
        this.scratch = scratchMemory.take((long) depth * Long.BYTES);
        this.anyRegistration = scratchMemory.anyRegistration();
        this.wordWriteFlags = queuePair.inlineBytes() >= Long.BYTES ? SendWorkRequest.INLINE : 0;
        this.bindByRequest = domain.verbsTransport().bindsByRequest();
        this.mask = depth - 1;
        this.wordEntries = (long) depth * SendWorkRequest.BYTES;
        this.transferEntries = wordEntries + (long) depth * ScatterGatherEntry.BYTES;
        this.badRequest = transferEntries + (long) depth * ScatterGatherEntry.BYTES;
        this.completion = badRequest + Long.BYTES;
        this.bind = completion + WorkCompletion.BYTES;
        this.base = NativeMemory.allocate(bind + MemoryWindowBind.BYTES);
        for (int slot = 0; slot < depth; slot++) {
            ScatterGatherEntry.set(wordEntry(slot), word(slot), Long.BYTES, scratch.localKey());
        }
    }

    /**
     * Posts all elements of a chain, with one doorbell unless window elements need more.
     *
     * @param first sequence number of its first element
     * @return 0, or the error number of the device; elements before may have been posted
     */
    int post(VerbsChain chain, long first) {
        WindowElements windows = chain.windowElements();
        if (windows != null) {
            return postWithWindows(chain, windows, first);
        }
        int size = chain.size();
        for (int i = 0; i < size; i++) {
            fill(chain, i, first + i);
        }
        return ring(chain, first, 0, size);
    }

    /**
     * The same with window elements. A doorbell comes before the second bind of one window, as the provider must know
     * the rkey of the first, and around each bind where the device binds by a function of its own.
     */
    private int postWithWindows(VerbsChain chain, WindowElements windows, long first) {
        int size = chain.size();
        int start = 0;
        int error = 0;
        for (int i = 0; i < size && error == 0; i++) {
            VerbsWindow window = windows.window(i);
            if (window == null) {
                fill(chain, i, first + i);
            } else if (!bindByRequest) {
                error = ring(chain, first, start, i);
                error = error != 0 ? error : bindByFunction(chain, windows, i, first + i);
                start = i + 1;
            } else {
                if (window.isPendingSince(this, first + start)) {
                    error = ring(chain, first, start, i);
                    start = i;
                }
                window.pendingSince(this, first + start);
                fillBind(chain, windows, i, first + i);
            }
        }
        return error != 0 ? error : ring(chain, first, start, size);
    }

    /** Writes what differs from element to element; the word entry of the slot is prepared. */
    private void fill(VerbsChain chain, int element, long sequence) {
        int slot = (int) sequence & mask;
        long request = request(slot);
        ElementKind kind = chain.kind(element);
        int flags = prepare(request, chain, element, sequence);
        SendWorkRequest.setOpcode(request, kind.opcode());
        long remote = chain.remoteAddress(element);
        int rkey = chain.rkey(element);
        long operand = chain.firstOperand(element);
        switch (kind) {
            case READ, WRITE -> {
                long entry = transferEntry(slot);
                ScatterGatherEntry.set(entry, operand, (int) chain.secondOperand(element), chain.localKey(element));
                SendWorkRequest.setScatterGather(request, entry, 1);
                SendWorkRequest.setRemote(request, remote, rkey);
            }
            case READ_WORD -> {
                SendWorkRequest.setScatterGather(request, wordEntry(slot), 1);
                SendWorkRequest.setRemote(request, remote, rkey);
            }
            case WRITE_WORD -> {
                NativeMemory.putLong(word(slot), operand);
                SendWorkRequest.setScatterGather(request, wordEntry(slot), 1);
                SendWorkRequest.setRemote(request, remote, rkey);
                flags |= wordWriteFlags;
            }
            case COMPARE_AND_SWAP, FETCH_ADD -> {
                SendWorkRequest.setScatterGather(request, wordEntry(slot), 1);
                SendWorkRequest.setAtomic(request, remote, rkey, operand, chain.secondOperand(element));
            }
            case BIND, INVALIDATE -> throw new IllegalStateException("not a transfer: " + kind);
        }
        SendWorkRequest.setFlags(request, flags);
    }

    /** Sets number and link; the flags are those of the element's place in the chain. */
    private int prepare(long request, VerbsChain chain, int element, long sequence) {
        SendWorkRequest.setId(request, sequence);
        SendWorkRequest.setNext(request, request((int) (sequence + 1) & mask));
        return element + 1 == chain.size() ? SendWorkRequest.SIGNALED : 0;
    }

    private void fillBind(VerbsChain chain, WindowElements windows, int element, long sequence) {
        long request = request((int) sequence & mask);
        VerbsWindow window = windows.required(element);
        SendWorkRequest.setFlags(request, prepare(request, chain, element, sequence));
        SendWorkRequest.setOpcode(request, SendWorkRequest.BIND_WINDOW);
        SendWorkRequest.setScatterGather(request, 0, 0);
        SendWorkRequest.setWindow(request, window.mw(), MwFields.nextKey(window.deviceKey()));
        setRange(SendWorkRequest.bindInfo(request), chain, windows, element);
    }

    /** The device's own function posts one bind, rings the doorbell, and advances the provider's rkey. */
    private int bindByFunction(VerbsChain chain, WindowElements windows, int element, long sequence) {
        VerbsWindow window = windows.required(element);
        int keyBefore = window.deviceKey();
        boolean last = element + 1 == chain.size();
        MemoryWindowBind.set(base + bind, sequence, last ? SendWorkRequest.SIGNALED : 0);
        setRange(MemoryWindowBind.info(base + bind), chain, windows, element);
        int error = operations.bindMemoryWindow(qp, window.mw(), base + bind);
        if (error == 0) {
            counters.countDoorbell();
            counters.count(chain.kind(element).operation());
            windows.posted(element, window, keyBefore, window.deviceKey());
        }
        return error;
    }

    private void setRange(long info, VerbsChain chain, WindowElements windows, int element) {
        VerbsRegion region = windows.region(element);
        if (region == null) {
            BindInfo.set(info, anyRegistration, 0, 0, 0);
        } else {
            long address = chain.firstOperand(element);
            BindInfo.set(info, region.mr(), address, chain.secondOperand(element), chain.localKey(element));
        }
    }

    /** Posts the elements from {@code start} to before {@code end}. */
    private int ring(VerbsChain chain, long first, int start, int end) {
        if (start == end) {
            return 0;
        }
        SendWorkRequest.setNext(request((int) (first + end - 1) & mask), 0);
        int error = operations.postSend(qp, request((int) (first + start) & mask), base + badRequest);
        if (error != 0) {
            return error;
        }
        counters.countDoorbell();
        WindowElements windows = chain.windowElements();
        for (int i = start; i < end; i++) {
            counters.count(chain.kind(i).operation());
            VerbsWindow window = windows == null ? null : windows.window(i);
            if (windows != null && window != null) {
                int keyBefore = window.deviceKey();
                windows.posted(i, window, keyBefore, MwFields.nextKey(keyBefore));
            }
        }
        return 0;
    }

    /** Takes one completion; then {@link #sequence} and {@link #status} are its. */
    boolean poll() {
        return operations.pollCompletions(cq, 1, base + completion) > 0;
    }

    /** Sequence number of the element that completed. */
    long sequence() {
        return WorkCompletion.id(base + completion);
    }

    /** Status of {@link WorkCompletion}. */
    int status() {
        return WorkCompletion.status(base + completion);
    }

    /** Copies the results of a chain that has succeeded. */
    void copyWords(VerbsChain chain) {
        long first = chain.firstSequence();
        int size = chain.size();
        for (int i = 0; i < size; i++) {
            if (chain.kind(i).hasWord()) {
                chain.setWord(i, NativeMemory.getLong(word((int) (first + i) & mask)));
            }
        }
    }

    /** Releases what it has, after the queue pair was destroyed. */
    void release() {
        scratchMemory.giveBack(scratch);
        NativeMemory.free(base);
    }

    private long request(int slot) {
        return base + (long) slot * SendWorkRequest.BYTES;
    }

    private long wordEntry(int slot) {
        return base + wordEntries + (long) slot * ScatterGatherEntry.BYTES;
    }

    private long transferEntry(int slot) {
        return base + transferEntries + (long) slot * ScatterGatherEntry.BYTES;
    }

    private long word(int slot) {
        return scratch.address() + (long) slot * Long.BYTES;
    }
}
