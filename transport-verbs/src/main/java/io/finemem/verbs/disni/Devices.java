package io.finemem.verbs.disni;

import io.finemem.verbs.ffi.LibIbverbs;
import io.finemem.verbs.ffi.NativeMemory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The RDMA devices of the machine by name. */
final class Devices {
    private final LibIbverbs library;

    Devices(LibIbverbs library) {
        this.library = library;
    }

    List<String> names() throws IOException {
        long list = list();
        try {
            return names(list);
        } finally {
            library.ibv_free_device_list(list);
        }
    }

    JnrContext open(String name) throws IOException {
        long list = list();
        try {
            List<String> names = names(list);
            int index = names.indexOf(name);
            if (index < 0) {
                throw new IOException("no RDMA device " + name + "; there are " + names);
            }
            long context = library.ibv_open_device(device(list, index));
            return JnrContext.owned(Failures.checkPointer("ibv_open_device of " + name, context));
        } finally {
            library.ibv_free_device_list(list);
        }
    }

    void close(JnrContext context) throws IOException {
        if (!context.isOwned()) {
            throw new IOException("the context belongs to librdmacm, which keeps it open");
        }
        synchronized (context) {
            long address = context.address();
            Failures.check("ibv_close_device", library.ibv_close_device(address));
            context.close();
        }
    }

    private long list() throws IOException {
        return Failures.checkPointer("ibv_get_device_list", library.ibv_get_device_list(0));
    }

    private List<String> names(long list) {
        List<String> names = new ArrayList<>();
        for (int i = 0; device(list, i) != 0; i++) {
            names.add(library.ibv_get_device_name(device(list, i)));
        }
        return names;
    }

    private static long device(long list, int index) {
        return NativeMemory.getLong(list + (long) index * Long.BYTES);
    }
}
