package io.finemem.runtime;

import io.finemem.runtime.config.DirectoryConfig;
import io.finemem.spi.coordination.Coordination;

/** The directory of a configuration, for tools that have no memory of their own. All methods may be called by any thread. */
public final class ClusterAccess implements AutoCloseable {
    private final Directory directory;

    private ClusterAccess(Directory directory) {
        this.directory = directory;
    }

    /**
     * Connects.
     *
     * @throws io.finemem.spi.coordination.CoordinationUnavailable if the directory cannot be reached
     * @throws io.finemem.api.AuthenticationFailed if it refuses the user
     */
    public static ClusterAccess open(DirectoryConfig config) {
        return new ClusterAccess(Directory.open(config.coordination(), config.memoryNodes()));
    }

    /** Members, changes, barriers. */
    public Coordination coordination() {
        return directory.coordination();
    }

    @Override
    public void close() {
        directory.close();
    }
}
