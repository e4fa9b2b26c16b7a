package io.finemem.runtime.demo;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends the children and removes their files if this process is asked to end before it has done so itself. */
final class Cleanup implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Cleanup.class);

    private final Thread hook;

    Cleanup(Children children, SharedDirectory directory) {
        hook = new Thread(
                () -> {
                    children.close();
                    directory.close();
                },
                "finemem-demo-cleanup");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** From now on the caller closes them. */
    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            LOG.debug("this process is ending already");
        }
    }
}
