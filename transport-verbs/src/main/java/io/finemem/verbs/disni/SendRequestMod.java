package io.finemem.verbs.disni;

import com.ibm.disni.verbs.SVCPostSend;
import io.finemem.verbs.ffi.ScatterGatherEntry;
import io.finemem.verbs.ffi.SendWorkRequest;

/**
 * Changes one serialised send request in place. Beside DiSNI's setters it has those of atomics and of the immediate data. The
 * remote address and rkey of {@link #getRdmaMod} are those of an atomic if the request is one.
 *
 * <p><b>Thread-safety.</b> None; not while the call executes.
 */
public final class SendRequestMod implements SVCPostSend.SendWRMod {
    /** Keeps the memory. */
    private final WorkRequestMemory memory;

    private final long request;
    private final RemoteMod remote = new RemoteMod();
    private final EntryMod[] entries;

    SendRequestMod(WorkRequestMemory memory, long request) {
        this.memory = memory;
        this.request = request;
        this.entries = new EntryMod[SendWorkRequest.scatterGatherCount(request)];
        long first = SendWorkRequest.scatterGatherList(request);
        for (int i = 0; i < entries.length; i++) {
            entries[i] = new EntryMod(first + (long) i * ScatterGatherEntry.BYTES);
        }
    }

    @Override
    public void setWr_id(long id) {
        SendWorkRequest.setId(request, id);
    }

    @Override
    public long getWr_id() {
        return SendWorkRequest.id(request);
    }

    @Override
    public void setSend_flags(int flags) {
        SendWorkRequest.setFlags(request, flags);
    }

    @Override
    public int getSend_flags() {
        return SendWorkRequest.flags(request);
    }

    @Override
    public int getNum_sge() {
        return entries.length;
    }

    @Override
    public int getOpcode() {
        return SendWorkRequest.opcode(request);
    }

    /** Immediate data as it goes on the wire, or the rkey to invalidate. */
    public void setImm_data(int value) {
        SendWorkRequest.setImmediate(request, value);
    }

    /** Operands of an atomic: the value to compare with or to add, and the value to store (CAS only). */
    public void setOperands(long compareOrAdd, long swap) {
        if (!isAtomic()) {
            throw new IllegalStateException("the request is no atomic, its opcode is " + getOpcode());
        }
        SendWorkRequest.setAtomic(request, remote.getRemote_addr(), remote.getRkey(), compareOrAdd, swap);
    }

    @Override
    public SVCPostSend.RdmaMod getRdmaMod() {
        return remote;
    }

    @Override
    public SVCPostSend.SgeMod getSgeMod(int index) {
        return entries[index];
    }

    private boolean isAtomic() {
        int opcode = getOpcode();
        return opcode == SendWorkRequest.COMPARE_AND_SWAP || opcode == SendWorkRequest.FETCH_ADD;
    }

    private final class RemoteMod implements SVCPostSend.RdmaMod {
        @Override
        public void setRemote_addr(long address) {
            SendWorkRequest.setRemoteAddress(request, address);
        }

        @Override
        public long getRemote_addr() {
            return SendWorkRequest.remoteAddress(request);
        }

        @Override
        public void setRkey(int rkey) {
            if (isAtomic()) {
                SendWorkRequest.setAtomicKey(request, rkey);
            } else {
                SendWorkRequest.setTransferKey(request, rkey);
            }
        }

        @Override
        public int getRkey() {
            return isAtomic() ? SendWorkRequest.atomicKey(request) : SendWorkRequest.transferKey(request);
        }

        /** Ignored: libibverbs has no such field. */
        @Override
        public void setReserved(int reserved) {}

        @Override
        public int getReserved() {
            return 0;
        }
    }

    private static final class EntryMod implements SVCPostSend.SgeMod {
        private final long entry;

        EntryMod(long entry) {
            this.entry = entry;
        }

        @Override
        public void setAddr(long address) {
            ScatterGatherEntry.set(entry, address, getLength(), getLkey());
        }

        @Override
        public long getAddr() {
            return ScatterGatherEntry.address(entry);
        }

        @Override
        public void setLength(int length) {
            ScatterGatherEntry.set(entry, getAddr(), length, getLkey());
        }

        @Override
        public int getLength() {
            return ScatterGatherEntry.length(entry);
        }

        @Override
        public void setLkey(int lkey) {
            ScatterGatherEntry.set(entry, getAddr(), getLength(), lkey);
        }

        @Override
        public int getLkey() {
            return ScatterGatherEntry.localKey(entry);
        }
    }
}
