package io.finemem.transport.verbs;

import java.util.List;

/**
 * An RDMA device that the kernel knows.
 *
 * @param name kernel name, such as {@code mlx5_0}
 * @param kind what stands behind it
 * @param parent network interface of a software device, otherwise empty
 * @param ports its ports, by number
 */
public record RdmaDevice(String name, Kind kind, String parent, List<RdmaPort> ports) {
    /** What stands behind a device. */
    public enum Kind {
        /** An adapter on a bus. */
        HARDWARE,
        /** Soft-RoCE over a network interface. */
        RXE,
        /** Another software device, such as soft-iWARP, which has neither atomics nor windows. */
        OTHER_SOFTWARE
    }

    /** Takes a copy of the list. */
    public RdmaDevice {
        ports = List.copyOf(ports);
    }

    @Override
    public String toString() {
        String over = parent.isEmpty() ? "" : " over " + parent;
        return switch (kind) {
            case HARDWARE -> name;
            case RXE -> name + " (soft-RoCE" + over + ")";
            case OTHER_SOFTWARE -> name + " (software, not soft-RoCE)";
        };
    }
}
