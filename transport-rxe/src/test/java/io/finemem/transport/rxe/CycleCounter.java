package io.finemem.transport.rxe;

import com.kenai.jffi.CallContext;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.Type;
import io.finemem.verbs.ffi.LibC;
import io.finemem.verbs.ffi.NativeLibraries;
import io.finemem.verbs.ffi.NativeMemory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;

/**
 * The time-stamp counter of x86-64, which perftest measures by: a few nanoseconds a reading, where the clock of a guest
 * may take as long as the operation that is timed.
 */
final class CycleCounter implements AutoCloseable {
    private static final int READ_WRITE_EXECUTE = 7;
    private static final long PAGE = 4096;
    /** {@code rdtsc; shl rdx, 32; or rax, rdx; ret}. */
    private static final byte[] CODE = {
        0x0F, 0x31, 0x48, (byte) 0xC1, (byte) 0xE2, 0x20, 0x48, 0x09, (byte) 0xD0, (byte) 0xC3
    };

    private static final Invoker INVOKER = Invoker.getInstance();
    private static final CallContext NO_ARGUMENT = new CallContext(Type.SINT64);

    private final long code;

    CycleCounter() {
        if (!System.getProperty("os.arch").equals("amd64")) {
            throw new IllegalStateException("perftest's cycles are compared on x86-64 only");
        }
        Pointer anywhere = Pointer.wrap(Runtime.getSystemRuntime(), 0L);
        code = NativeLibraries.libc().mmap(anywhere, PAGE, READ_WRITE_EXECUTE, LibC.MAP_PRIVATE_ANONYMOUS, -1, 0);
        if (code == LibC.MAP_FAILED) {
            throw new IllegalStateException("no executable memory");
        }
        NativeMemory.put(code, CODE, 0, CODE.length);
    }

    /** Cycles since some point in the past. */
    long read() {
        return INVOKER.invokeL0NoErrno(NO_ARGUMENT, code);
    }

    @Override
    public void close() {
        NativeLibraries.libc().munmap(code, PAGE);
    }
}
