package io.finemem.verbs.disni;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The contexts of librdmacm, one handle each: all ids on a device share one context for the life of the process, and programs
 * compare handles.
 */
final class JnrContexts {
    private final Map<Long, JnrContext> shared = new HashMap<>();

    /** The handle for librdmacm's context at the address; null for 0. */
    synchronized @Nullable JnrContext shared(long context) throws IOException {
        if (context == 0) {
            return null;
        }
        JnrContext known = shared.get(context);
        if (known == null) {
            known = JnrContext.shared(context);
            shared.put(context, known);
        }
        return known;
    }
}
