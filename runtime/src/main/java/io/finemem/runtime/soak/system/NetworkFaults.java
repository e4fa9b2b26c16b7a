package io.finemem.runtime.soak.system;

import java.util.List;

/** What is done to an interface, and taken back. Used by one thread. */
final class NetworkFaults implements AutoCloseable {
    private final String device;
    private boolean lossy;
    private boolean cut;

    NetworkFaults(String device) {
        this.device = device;
    }

    /** Loses one packet of 50, doubles one of 100 and delays all while that lasts. */
    void lossyFor(Runnable time) {
        Programs.run(
                List.of(
                        "tc",
                        "qdisc",
                        "add",
                        "dev",
                        device,
                        "root",
                        "netem",
                        "loss",
                        "2%",
                        "duplicate",
                        "1%",
                        "delay",
                        "2ms",
                        "1ms"),
                "make the network lossy");
        lossy = true;
        time.run();
        mend();
    }

    /** Lets nothing through while that lasts. */
    void cutFor(Runnable time) {
        Programs.run(List.of("ip", "link", "set", device, "down"), "cut the network");
        cut = true;
        time.run();
        mend();
    }

    private void mend() {
        if (lossy) {
            lossy = false;
            Programs.run(List.of("tc", "qdisc", "del", "dev", device, "root"), "make the network as it was");
        }
        if (cut) {
            cut = false;
            Programs.run(List.of("ip", "link", "set", device, "up"), "connect the network again");
        }
    }

    @Override
    public void close() {
        mend();
    }
}
