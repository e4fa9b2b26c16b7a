package io.finemem.verbs.disni;

import io.finemem.verbs.ffi.BindInfo;
import java.io.IOException;
import java.util.Objects;

/**
 * What a window is bound to.
 *
 * @param region whose memory it opens; registered with {@code IBV_ACCESS_MW_BIND}, and with {@code IBV_ACCESS_LOCAL_WRITE} if
 *     the window may be written
 * @param address first byte, inside the region
 * @param length bytes; 0 ends the rkey of a type 1 window without giving the window a range
 * @param access {@code IBV_ACCESS_REMOTE_*} flags
 */
public record WindowBinding(JnrMr region, long address, long length, int access) {

    /** The region must be there even for length 0: the device's library reads its key. */
    public WindowBinding {
        Objects.requireNonNull(region, "region");
    }

    void write(long bindInfo) throws IOException {
        BindInfo.set(bindInfo, region.address(), address, length, access);
    }
}
