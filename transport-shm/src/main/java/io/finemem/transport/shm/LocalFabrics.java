package io.finemem.transport.shm;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The open fabrics of this process. A connection to one of them uses its mappings: opening the file a second time would cost
 * the lock. Their files are removed when the process ends in order without closing them.
 */
final class LocalFabrics {
    private static final Map<Path, Fabric> OPEN = new ConcurrentHashMap<>();

    private static final Logger LOG = System.getLogger(LocalFabrics.class.getName());

    static {
        try {
            Runtime.getRuntime().addShutdownHook(new Thread(LocalFabrics::unlinkAll, "finemem-shm-cleanup"));
        } catch (IllegalStateException e) {
            // The process is ending; failing here would leave the file that was just made.
            LOG.log(Level.DEBUG, "no clean-up at the end of the process: {0}", e.getMessage());
        }
    }

    private LocalFabrics() {}

    static void add(Fabric fabric) {
        OPEN.put(fabric.path(), fabric);
    }

    static void remove(Fabric fabric) {
        OPEN.remove(fabric.path(), fabric);
    }

    static @Nullable Fabric find(Path path) {
        return OPEN.get(path);
    }

    private static void unlinkAll() {
        for (Fabric fabric : OPEN.values()) {
            try {
                fabric.unlink();
            } catch (IOException e) {
                // No logger may be left at this time, and the next transport in the directory removes the file.
                System.err.println("finemem: " + fabric.path() + " was not removed: " + e);
            }
        }
    }
}
