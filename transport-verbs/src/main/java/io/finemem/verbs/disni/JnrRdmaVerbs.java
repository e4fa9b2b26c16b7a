package io.finemem.verbs.disni;

import com.ibm.disni.verbs.IbvCQ;
import com.ibm.disni.verbs.IbvCompChannel;
import com.ibm.disni.verbs.IbvContext;
import com.ibm.disni.verbs.IbvMr;
import com.ibm.disni.verbs.IbvPd;
import com.ibm.disni.verbs.IbvQP;
import com.ibm.disni.verbs.IbvQPInitAttr;
import com.ibm.disni.verbs.IbvQpAttr;
import com.ibm.disni.verbs.IbvRecvWR;
import com.ibm.disni.verbs.IbvSendWR;
import com.ibm.disni.verbs.IbvWC;
import com.ibm.disni.verbs.RdmaVerbs;
import io.finemem.verbs.ffi.LibIbverbs;
import io.finemem.verbs.ffi.MrFields;
import io.finemem.verbs.ffi.NativeMemory;
import io.finemem.verbs.ffi.PdFields;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * DiSNI's verbs on libibverbs, and {@link VerbsExtensions}.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread; the calls they make are for one thread each.
 */
public final class JnrRdmaVerbs extends RdmaVerbs implements VerbsExtensions {
    /** "Not implemented", what {@link #expPrefetchMr} gives. */
    private static final int ENOSYS = 38;

    private final LibIbverbs library;
    private final CompletionCalls completions;
    private final QueuePairCalls queuePairs;
    private final WindowCalls windows;
    private final Devices devices;

    JnrRdmaVerbs(LibIbverbs library) {
        this.library = library;
        this.completions = new CompletionCalls(library);
        this.queuePairs = new QueuePairCalls(library);
        this.windows = new WindowCalls();
        this.devices = new Devices(library);
    }

    @Override
    public JnrPd allocPd(IbvContext context) throws IOException {
        JnrContext device = context(context);
        long pd = Failures.checkPointer("ibv_alloc_pd", library.ibv_alloc_pd(device.address()));
        return new JnrPd(device, pd, PdFields.handle(pd));
    }

    /** 0, or EBUSY (16) while the domain holds anything; then it stays open. */
    @Override
    public int deallocPd(IbvPd pd) throws IOException {
        JnrPd domain = pd(pd);
        synchronized (domain) {
            int errno = library.ibv_dealloc_pd(domain.address());
            if (errno == 0) {
                domain.close();
            }
            return errno;
        }
    }

    @Override
    public JnrCompChannel createCompChannel(IbvContext context) throws IOException {
        return completions.createChannel(context(context));
    }

    /** A channel with queues left is released with the last of them. */
    @Override
    public int destroyCompChannel(IbvCompChannel channel) throws IOException {
        return completions.destroyChannel(Handles.own(JnrCompChannel.class, channel, "completion channel"));
    }

    @Override
    public JnrCq createCQ(IbvContext context, @Nullable IbvCompChannel channel, int entries, int vector)
            throws IOException {
        JnrCompChannel own = channel == null ? null : Handles.own(JnrCompChannel.class, channel, "completion channel");
        return completions.createQueue(context(context), own, entries, vector);
    }

    @Override
    public JnrCq createCq(IbvContext context, int entries) throws IOException {
        return completions.createQueue(context(context), null, entries, 0);
    }

    /** Acknowledges the events that are left, then destroys the queue; 0, or EBUSY (16) while a queue pair uses it. */
    @Override
    public int destroyCQ(IbvCQ queue) throws IOException {
        return completions.destroyQueue(cq(queue));
    }

    /** Whether there was an event within the time; negative means for ever. */
    @Override
    public boolean getCqEvent(IbvCompChannel channel, IbvCQ queue, int timeoutMillis) throws IOException {
        return completions.takeEvent(Handles.own(JnrCompChannel.class, channel, "completion channel"), timeoutMillis);
    }

    /** Acknowledges at most as many events as there are to be acknowledged. */
    @Override
    public int ackCqEvents(IbvCQ queue, int events) throws IOException {
        completions.acknowledge(cq(queue), events);
        return 0;
    }

    @Override
    public PollCqCall pollCQ(IbvCQ queue, IbvWC[] list, int limit) throws IOException {
        return new PollCqCall(cq(queue), list, limit);
    }

    @Override
    public ReqNotifyCall reqNotifyCQ(IbvCQ queue, boolean solicitedOnly) throws IOException {
        return new ReqNotifyCall(cq(queue), solicitedOnly);
    }

    /** The {@code badwrList} is not filled, as in DiSNI; the text of a failure names the request. */
    @Override
    public PostSendCall postSend(IbvQP qp, List<IbvSendWR> requests, @Nullable List<IbvSendWR> badRequests)
            throws IOException {
        return new PostSendCall(qp(qp), requests);
    }

    /** The {@code badwrList} is not filled, as in DiSNI; the text of a failure names the request. */
    @Override
    public PostRecvCall postRecv(IbvQP qp, List<IbvRecvWR> requests, @Nullable List<IbvRecvWR> badRequests)
            throws IOException {
        return new PostRecvCall(qp(qp), requests);
    }

    /** Registers all of a direct buffer, whatever its position; the region keeps it reachable. */
    @Override
    public RegMrCall regMr(IbvPd pd, ByteBuffer buffer, int access) throws IOException {
        if (!buffer.isDirect()) {
            throw new IOException("only direct buffers can be registered; use ByteBuffer.allocateDirect");
        }
        long address = NativeMemory.addressOf(buffer);
        return new RegMrCall(this, pd(pd), new JnrMr.Range(address, buffer.capacity(), buffer), access);
    }

    @Override
    public RegMrCall regMr(IbvPd pd, long address, int length, int access) throws IOException {
        return new RegMrCall(this, pd(pd), new JnrMr.Range(address, length, null), access);
    }

    @Override
    public JnrMr regMemory(IbvPd pd, long address, long length, int access) throws IOException {
        return register(pd(pd), new JnrMr.Range(address, length, null), access);
    }

    JnrMr register(JnrPd pd, JnrMr.Range range, int access) throws IOException {
        String call = "ibv_reg_mr of " + range.bytes() + " bytes";
        long mr = Failures.checkPointer(call, library.ibv_reg_mr(pd.address(), range.address(), range.bytes(), access));
        JnrMr.Keys keys = new JnrMr.Keys(MrFields.localKey(mr), MrFields.remoteKey(mr), MrFields.handle(mr));
        return new JnrMr((JnrContext) pd.getContext(), mr, range, access, keys);
    }

    @Override
    public DeregMrCall deregMr(IbvMr region) throws IOException {
        return new DeregMrCall(this, mr(region));
    }

    @Override
    public void deregMemory(IbvMr region) throws IOException {
        JnrMr own = mr(region);
        synchronized (own) {
            Failures.check("ibv_dereg_mr", library.ibv_dereg_mr(own.address()));
            own.close();
        }
    }

    /** -1: this provider registers no memory on demand. */
    @Override
    public int queryOdpSupport(IbvContext context) {
        return -1;
    }

    /** ENOSYS: see {@link #queryOdpSupport}. */
    @Override
    public int expPrefetchMr(IbvMr region, long address, int length) {
        return ENOSYS;
    }

    @Override
    public List<String> deviceNames() throws IOException {
        return devices.names();
    }

    @Override
    public JnrContext openDevice(String name) throws IOException {
        return devices.open(name);
    }

    @Override
    public void closeDevice(IbvContext context) throws IOException {
        devices.close(context(context));
    }

    @Override
    public JnrQp createQp(IbvPd pd, IbvQPInitAttr attributes) throws IOException {
        return queuePairs.create(pd(pd), attributes);
    }

    @Override
    public void modifyQp(IbvQP qp, IbvQpAttr attributes) throws IOException {
        queuePairs.modify(qp(qp), attributes);
    }

    @Override
    public int queryQpState(IbvQP qp) throws IOException {
        return queuePairs.queryState(qp(qp));
    }

    @Override
    public void destroyQp(IbvQP qp) throws IOException {
        queuePairs.destroy(qp(qp));
    }

    @Override
    public JnrMw allocWindow(IbvPd pd, int type) throws IOException {
        return windows.allocate(pd(pd), type);
    }

    @Override
    public int bindWindow(IbvQP qp, JnrMw window, WindowBinding binding, long id, int flags) throws IOException {
        return windows.bind(qp(qp), window, binding, id, flags);
    }

    @Override
    public int windowKey(JnrMw window) throws IOException {
        return windows.key(window);
    }

    @Override
    public int nextWindowKey(JnrMw window) throws IOException {
        return windows.nextKey(window);
    }

    @Override
    public void setWindowKey(JnrMw window, int rkey) throws IOException {
        windows.setKey(window, rkey);
    }

    @Override
    public void deallocWindow(JnrMw window) throws IOException {
        windows.deallocate(window);
    }

    private static JnrContext context(IbvContext context) throws IOException {
        return Handles.own(JnrContext.class, context, "device context");
    }

    private static JnrPd pd(IbvPd pd) throws IOException {
        return Handles.own(JnrPd.class, pd, "protection domain");
    }

    private static JnrCq cq(IbvCQ queue) throws IOException {
        return Handles.own(JnrCq.class, queue, "completion queue");
    }

    private static JnrQp qp(IbvQP qp) throws IOException {
        return Handles.own(JnrQp.class, qp, "queue pair");
    }

    private static JnrMr mr(IbvMr region) throws IOException {
        return Handles.own(JnrMr.class, region, "memory region");
    }
}
