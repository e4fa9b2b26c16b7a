package io.finemem.runtime.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;

/**
 * Standard output that remembers whether something of it was lost, such as on a full disk: {@code System.out} does not say why, and
 * a command whose result is incomplete has failed.
 *
 * <p>Thread-safe.
 */
final class StandardOutput extends OutputStream {
    private final OutputStream out;
    private volatile @Nullable IOException lost;

    StandardOutput() {
        this(new FileOutputStream(FileDescriptor.out));
    }

    StandardOutput(OutputStream out) {
        this.out = out;
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        try {
            out.write(bytes, offset, length);
        } catch (IOException e) {
            lost = e;
            throw e;
        }
    }

    /**
     * The code that the process ends with.
     *
     * @param code that of the command
     * @param err where it is said that output was lost; not if the reader did not want more of it
     */
    int exitCode(int code, PrintWriter err) {
        IOException failure = lost;
        if (failure == null || "Broken pipe".equals(failure.getMessage())) {
            return code;
        }
        err.println("finemem: the output is incomplete, standard output cannot be written: " + failure.getMessage()
                + "; is its file system full?");
        return code == FineMemCommand.OK ? FineMemCommand.FAILURE : code;
    }
}
