package io.finemem.verbs.disni;

import io.finemem.verbs.ffi.DeviceOperations;
import io.finemem.verbs.ffi.MemoryWindowBind;
import io.finemem.verbs.ffi.MwFields;
import io.finemem.verbs.ffi.Scratch;
import java.io.IOException;

/** Memory windows. */
final class WindowCalls {

    JnrMw allocate(JnrPd pd, int type) throws IOException {
        DeviceOperations operations = operations(pd);
        if (!operations.hasMemoryWindows()) {
            throw new IOException("the device has no memory windows");
        }
        long window = operations.allocateMemoryWindow(pd.address(), type);
        if (window == 0) {
            throw Failures.last("ibv_alloc_mw of type " + type);
        }
        return new JnrMw(pd, window, type);
    }

    int bind(JnrQp qp, JnrMw window, WindowBinding binding, long id, int flags) throws IOException {
        DeviceOperations operations = qp.operations();
        if (window.getType() != JnrMw.IBV_MW_TYPE_1 || !operations.hasBindFunction()) {
            throw new IOException("only type 1 windows are bound this way; post an ExtendedSendWR.bind");
        }
        try (Scratch struct = new Scratch(MemoryWindowBind.BYTES)) {
            MemoryWindowBind.set(struct.address(), id, flags);
            binding.write(MemoryWindowBind.info(struct.address()));
            synchronized (window) {
                int before = MwFields.remoteKey(window.address());
                int errno = operations.bindMemoryWindow(qp.address(), window.address(), struct.address());
                if (errno != 0) {
                    MwFields.setRemoteKey(window.address(), before);
                    throw Failures.of("binding a window", errno);
                }
                return MwFields.remoteKey(window.address());
            }
        }
    }

    int key(JnrMw window) throws IOException {
        return MwFields.remoteKey(window.address());
    }

    int nextKey(JnrMw window) throws IOException {
        return MwFields.nextKey(key(window));
    }

    void setKey(JnrMw window, int rkey) throws IOException {
        MwFields.setRemoteKey(window.address(), rkey);
    }

    void deallocate(JnrMw window) throws IOException {
        synchronized (window) {
            int errno = operations((JnrPd) window.getPd()).deallocateMemoryWindow(window.address());
            Failures.check("ibv_dealloc_mw", errno);
            window.close();
        }
    }

    private static DeviceOperations operations(JnrPd pd) {
        return ((JnrContext) pd.getContext()).operations();
    }
}
