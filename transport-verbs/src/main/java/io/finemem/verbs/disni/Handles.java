package io.finemem.verbs.disni;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks that guard every way from a handle of DiSNI to native memory. */
final class Handles {
    private Handles() {}

    /** The address, if the handle is open. */
    static long open(boolean isOpen, long address, String what) throws IOException {
        if (!isOpen) {
            throw new IOException("the " + what + " is closed");
        }
        return address;
    }

    /** The handle as the type that this provider makes. */
    static <T> T own(Class<T> type, @Nullable Object handle, String what) throws IOException {
        if (type.isInstance(handle)) {
            return type.cast(handle);
        }
        throw new IOException(
                handle == null
                        ? "the " + what + " is null"
                        : "the " + what + " was not made by this provider: " + handle);
    }

    /** The number of ranges of a request, checked against its list. */
    static int entries(int count, @Nullable List<?> list) throws IOException {
        int there = list == null ? 0 : list.size();
        if (count < 0 || count > there) {
            throw new IOException("the request says num_sge=" + count + " but its sg_list has " + there + " elements");
        }
        return count;
    }
}
