package io.finemem.runtime.soak.system;

import java.util.Locale;

/** What can be done to a system. Stopped for long is longer than the lease. */
public enum Fault {
    /** {@code kill -9} of an application; another one takes its place. */
    KILL_APPLICATION(On.APPLICATION),
    /** An application is stopped for long and goes on. */
    STOP_APPLICATION(On.APPLICATION),
    /** {@code kill -9} of an allocation service, which is started again. */
    KILL_SERVICE(On.SERVICE),
    /** An allocation service is stopped for long and goes on. */
    STOP_SERVICE(On.SERVICE),
    /** {@code kill -9} of a memory node, which is started again, empty, at the same address; of several. */
    KILL_MEMORY_NODE(On.MEMORY_NODE),
    /** A memory node is stopped for long and goes on; of several. */
    STOP_MEMORY_NODE(On.MEMORY_NODE),
    /** {@code kill -9} of the directory, which is started again after a while: in turn with what it knew, and empty. */
    KILL_DIRECTORY(On.DIRECTORY),
    /** The directory is stopped for long and goes on. */
    STOP_DIRECTORY(On.DIRECTORY),
    /** The network loses packets for a while. */
    LOSSY_NETWORK(On.NETWORK),
    /** The network delays packets for a while. */
    DELAYED_NETWORK(On.NETWORK),
    /** The network doubles packets for a while. */
    DOUBLED_NETWORK(On.NETWORK),
    /** The link is down for less than the lease. */
    CUT_NETWORK(On.NETWORK),
    /** The link is down for longer than the lease. */
    LONG_CUT_NETWORK(On.NETWORK);

    /** What a fault is done to. */
    enum On {
        APPLICATION,
        SERVICE,
        MEMORY_NODE,
        DIRECTORY,
        /** Needs root and an interface. */
        NETWORK
    }

    private final On on;

    Fault(On on) {
        this.on = on;
    }

    /** What it is done to. */
    On on() {
        return on;
    }

    /** Whether it may take an allocation service for dead, which is then started again if it ends. */
    boolean mayFenceServices() {
        return this == STOP_SERVICE || this == STOP_MEMORY_NODE || on == On.NETWORK;
    }

    /** Whether it is done in a moment, and the next one need not wait for what it leads to. */
    boolean steady() {
        return this == KILL_APPLICATION || this == KILL_SERVICE;
    }

    /** As on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
