package io.finemem.runtime.soak.system;

import java.util.Locale;

/** What can be done to a system. */
public enum Fault {
    /** {@code kill -9} of an application; another one takes its place. */
    KILL_APPLICATION,
    /** {@code kill -9} of an allocation service, which is started again. */
    KILL_SERVICE,
    /** An application is stopped for a while and goes on. */
    STOP_APPLICATION,
    /** An allocation service is stopped for longer than its lease and goes on. */
    STOP_SERVICE,
    /** {@code kill -9} of a memory node, which is started again, empty, at the same address; of several. */
    KILL_MEMORY_NODE,
    /** The network loses, delays and doubles packets for a while. Needs root and a transport that has a network. */
    LOSSY_NETWORK,
    /** The network is cut for a moment. Needs root and a transport that has a network. */
    CUT_NETWORK;

    /** Whether it is done to the network interface. */
    boolean ofNetwork() {
        return this == LOSSY_NETWORK || this == CUT_NETWORK;
    }

    /** As on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
