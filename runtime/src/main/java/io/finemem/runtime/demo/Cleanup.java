package io.finemem.runtime.demo;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends the children and removes their files if this process is asked to end before it has done so itself. */
final class Cleanup {
    private static final Logger LOG = LoggerFactory.getLogger(Cleanup.class);

    private final Thread hook;

    private Cleanup(Thread hook) {
        this.hook = hook;
    }

    static Cleanup install(Children children, SharedDirectory directory) {
        Thread hook = new Thread(
                () -> {
                    children.close();
                    directory.close();
                },
                "finemem-demo-cleanup");
        Runtime.getRuntime().addShutdownHook(hook);
        return new Cleanup(hook);
    }

    /** The caller has closed them. */
    void remove() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            LOG.debug("this process is ending already");
        }
    }
}
