package io.finemem.verbs.disni;

import com.kenai.jffi.MemoryIO;
import java.nio.ByteBuffer;

/**
 * DiSNI's class casts to a class of the JDK that is not exported, which needs a flag of the JVM. Its code is copied under
 * DiSNI's name, so it uses only public classes.
 */
@Replaces("com.ibm.disni.util.MemoryUtils")
final class MemoryUtilsReplacement {
    private MemoryUtilsReplacement() {}

    /** Address of byte 0 of a direct buffer; 0 for a buffer on the heap. */
    public static long getAddress(ByteBuffer buffer) {
        return MemoryIO.getInstance().getDirectBufferAddress(buffer);
    }
}
