package io.finemem.verbs.disni;

import com.ibm.disni.verbs.IbvCQ;
import com.ibm.disni.verbs.IbvContext;
import com.ibm.disni.verbs.IbvMr;
import com.ibm.disni.verbs.IbvPd;
import com.ibm.disni.verbs.IbvQP;
import com.ibm.disni.verbs.IbvQPInitAttr;
import com.ibm.disni.verbs.IbvQpAttr;
import java.io.IOException;
import java.util.List;

/**
 * What DiSNI's {@code RdmaVerbs} lacks, on its own handle types: devices by name, regions above 2 GB, queue pairs without a
 * connection id, memory windows. The verbs of {@link JnrRdmaProvider} have it: {@code JnrRdmaProvider.install().extensions()}.
 *
 * <p>Atomics need no extension: {@code IbvSendWR.getAtomic()} is written for the opcodes CAS and FAA.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread; a handle must not be used while or after it is given back.
 */
public interface VerbsExtensions {

    /** Kernel names of the RDMA devices of this machine, in the kernel's order. */
    List<String> deviceNames() throws IOException;

    /**
     * Opens a device.
     *
     * @throws IOException if there is no such device (the text lists those there are) or it cannot be opened
     */
    JnrContext openDevice(String name) throws IOException;

    /** Closes what {@link #openDevice} gave; contexts of connection ids belong to librdmacm and are refused. */
    void closeDevice(IbvContext context) throws IOException;

    /** A new protection domain. */
    JnrPd allocPd(IbvContext context) throws IOException;

    /** 0, or EBUSY (16) while the domain holds anything; then it stays open. */
    int deallocPd(IbvPd pd) throws IOException;

    /** A completion queue without a channel, for polling only. */
    JnrCq createCq(IbvContext context, int entries) throws IOException;

    /** 0, or EBUSY (16) while a queue pair uses the queue; then it stays open. */
    int destroyCQ(IbvCQ queue) throws IOException;

    /**
     * Registers memory.
     *
     * @param address first byte; the memory must stay mapped until the region is given back
     * @param length bytes, more than 2 GB is ordinary
     * @param access {@code IbvMr.IBV_ACCESS_*} flags
     */
    JnrMr regMemory(IbvPd pd, long address, long length, int access) throws IOException;

    /** Ends a registration; fails while a window is bound to it. */
    void deregMemory(IbvMr region) throws IOException;

    /** A queue pair in state RESET without a connection id. */
    JnrQp createQp(IbvPd pd, IbvQPInitAttr attributes) throws IOException;

    /** Changes what {@code attributes.getQpAttrMask()} names; see {@link JnrQpAttr}. */
    void modifyQp(IbvQP qp, IbvQpAttr attributes) throws IOException;

    /** Asks the device for the state, one of {@code IbvQP.IBV_QPS_*}. */
    int queryQpState(IbvQP qp) throws IOException;

    /** Destroys a queue pair of {@link #createQp}; those of connection ids are destroyed by their id. */
    void destroyQp(IbvQP qp) throws IOException;

    /**
     * A new window, not bound.
     *
     * @param type {@link JnrMw#IBV_MW_TYPE_1} or {@link JnrMw#IBV_MW_TYPE_2}
     */
    JnrMw allocWindow(IbvPd pd, int type) throws IOException;

    /**
     * Posts a bind of a type 1 window on {@code qp}, which must be able to send; it counts as a send request there. The new rkey
     * works once the bind has completed; the old one is refused from then on.
     *
     * <p>If the bind completes with an error, {@code qp} is in ERROR and the window has its old rkey at the device: tell it
     * by {@link #setWindowKey}, or no later bind of the window works.
     *
     * @param id number that the completion repeats
     * @param flags {@code IbvSendWR.IBV_SEND_*}
     * @return the new rkey
     */
    int bindWindow(IbvQP qp, JnrMw window, WindowBinding binding, long id, int flags) throws IOException;

    /** The rkey of the window's latest bind. */
    int windowKey(JnrMw window) throws IOException;

    /** The rkey to choose for the next bind by an {@link ExtendedSendWR}. */
    int nextWindowKey(JnrMw window) throws IOException;

    /** Records the rkey that the device has: the new one after a bind by work request, the old one after a failed bind. */
    void setWindowKey(JnrMw window, int rkey) throws IOException;

    /** Gives a window back; its rkey is refused from then on. */
    void deallocWindow(JnrMw window) throws IOException;
}
