package io.finemem.verbs.disni;

import io.finemem.verbs.ffi.DeviceAttributes;
import io.finemem.verbs.ffi.NativeLibraries;
import io.finemem.verbs.ffi.Scratch;
import java.io.IOException;

/**
 * What a device allows.
 *
 * @param readsIn READs and atomics of the peer that a queue pair serves at a time
 * @param readsOut READs and atomics that a queue pair has under way at a time
 * @param entries local ranges of one request
 */
record DeviceLimits(int readsIn, int readsOut, int entries) {

    static DeviceLimits of(long context) throws IOException {
        try (Scratch attributes = new Scratch(DeviceAttributes.BYTES)) {
            long address = attributes.address();
            Failures.check("ibv_query_device", NativeLibraries.ibverbs().ibv_query_device(context, address));
            return new DeviceLimits(
                    DeviceAttributes.maxReadsIn(address),
                    DeviceAttributes.maxReadsOut(address),
                    DeviceAttributes.maxEntries(address));
        }
    }
}
