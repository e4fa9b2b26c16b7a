package io.finemem.verbs.ffi;

import com.kenai.jffi.CallContext;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.Type;

/**
 * The functions that {@code verbs.h} inlines: read from {@code ibv_context.ops} once, called by address.
 *
 * <p>Slots used, bytes from the start of {@code ibv_context}:
 * <pre>
 *  ibv_context: | device 8 | ops 32 slots of 8 ... | cmd_fd ...
 *  slot of ops    7 alloc_mw   8 bind_mw   9 dealloc_mw   11 poll_cq   12 req_notify_cq
 *                20 post_srq_recv         25 post_send    26 post_recv
 * </pre>
 *
 * <p>No call creates garbage. Arguments are widened to 64 bits, which the calling conventions of x86-64 and aarch64
 * allow for integers; of an {@code int} result the upper half is cut off.
 *
 * <p><b>Thread-safety.</b> Immutable; the functions have the thread-safety of libibverbs.
 */
public final class DeviceOperations {
    private static final Invoker INVOKER = Invoker.getInstance();
    private static final CallContext ONE = new CallContext(Type.SINT64, Type.SINT64);
    private static final CallContext TWO = new CallContext(Type.SINT64, Type.SINT64, Type.SINT64);
    private static final CallContext THREE = new CallContext(Type.SINT64, Type.SINT64, Type.SINT64, Type.SINT64);

    private final long allocMw;
    private final long bindMw;
    private final long deallocMw;
    private final long pollCq;
    private final long reqNotifyCq;
    private final long postSrqRecv;
    private final long postSend;
    private final long postRecv;

    private DeviceOperations(long context) {
        allocMw = ContextFields.operation(context, 7);
        bindMw = ContextFields.operation(context, 8);
        deallocMw = ContextFields.operation(context, 9);
        pollCq = ContextFields.operation(context, 11);
        reqNotifyCq = ContextFields.operation(context, 12);
        postSrqRecv = ContextFields.operation(context, 20);
        postSend = ContextFields.operation(context, 25);
        postRecv = ContextFields.operation(context, 26);
    }

    /** The functions of an open device. */
    public static DeviceOperations of(long context) {
        return new DeviceOperations(context);
    }

    /**
     * Posts linked {@link SendWorkRequest}s with one doorbell.
     *
     * @param badRequestAddress 8 bytes that receive the first request that was not posted
     * @return 0 or an error number; the requests before the bad one are posted even then
     */
    public int postSend(long qp, long request, long badRequestAddress) {
        return (int) INVOKER.invokeL3NoErrno(THREE, postSend, qp, request, badRequestAddress);
    }

    /** Posts linked {@link ReceiveWorkRequest}s; as {@link #postSend}. */
    public int postReceive(long qp, long request, long badRequestAddress) {
        return (int) INVOKER.invokeL3NoErrno(THREE, postRecv, qp, request, badRequestAddress);
    }

    /** Posts linked {@link ReceiveWorkRequest}s to a shared queue; as {@link #postSend}. */
    public int postSharedReceive(long srq, long request, long badRequestAddress) {
        return (int) INVOKER.invokeL3NoErrno(THREE, postSrqRecv, srq, request, badRequestAddress);
    }

    /**
     * Takes completions without waiting.
     *
     * @param completions room for {@code count} {@link WorkCompletion}s
     * @return number of completions, or negative on failure
     */
    public int pollCompletions(long cq, int count, long completions) {
        return (int) INVOKER.invokeL3NoErrno(THREE, pollCq, cq, count, completions);
    }

    /** Asks for an event at the next completion, or the next solicited one. Returns 0 or an error number. */
    public int requestNotification(long cq, boolean solicitedOnly) {
        return (int) INVOKER.invokeL2NoErrno(TWO, reqNotifyCq, cq, solicitedOnly ? 1 : 0);
    }

    /** Whether the provider has windows at all; the other window functions must not be called if not. */
    public boolean hasMemoryWindows() {
        return allocMw != 0 && deallocMw != 0;
    }

    /** Whether the provider has {@link #bindMemoryWindow}. */
    public boolean hasBindFunction() {
        return bindMw != 0;
    }

    /** An {@code ibv_mw*} ({@link MwFields}), or 0 and {@link Errno#last()}. */
    public long allocateMemoryWindow(long pd, int type) {
        return INVOKER.invokeL2(TWO, allocMw, pd, type);
    }

    /**
     * Posts a bind of a type 1 window with a doorbell of its own and advances its rkey at once.
     *
     * @param bind {@link MemoryWindowBind}, whose region must not be null even for length 0
     * @return 0 or an error number
     */
    public int bindMemoryWindow(long qp, long mw, long bind) {
        return (int) INVOKER.invokeL3NoErrno(THREE, bindMw, qp, mw, bind);
    }

    /** Ends a window. Returns 0 or an error number. */
    public int deallocateMemoryWindow(long mw) {
        return (int) INVOKER.invokeL1NoErrno(ONE, deallocMw, mw);
    }
}
