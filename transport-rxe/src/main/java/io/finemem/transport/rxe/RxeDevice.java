package io.finemem.transport.rxe;

import io.finemem.api.FineMemException;
import io.finemem.spi.transport.TransportUnavailable;
import io.finemem.transport.verbs.RdmaDevice;
import io.finemem.transport.verbs.RdmaDevices;
import io.finemem.transport.verbs.RdmaPort;
import java.net.Inet4Address;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A soft-RoCE device made by this process, and the dummy interface below it if there was no suitable one. Closing
 * removes exactly what was made, in reverse order.
 */
final class RxeDevice implements AutoCloseable {
    /** Value of {@code netdev} that asks for a dummy interface. */
    static final String DUMMY = "dummy";

    private static final Logger LOG = LoggerFactory.getLogger(RxeDevice.class);
    /** Leaves room for the headers of 4096-byte packets: a page travels in one. */
    private static final String INTERFACE_MTU = "4200";

    private static final long GID_LIMIT_NANOS = TimeUnit.SECONDS.toNanos(20);
    private static final long GID_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final int MAX_NAMES = 1000;

    private final String name;
    private final Deque<String[]> removals = new ArrayDeque<>();

    private RxeDevice(String name) {
        this.name = name;
    }

    /**
     * Makes a device.
     *
     * @param netdev interface below it; {@link #DUMMY} to make one
     * @param address address and prefix length of a dummy interface
     */
    static RxeDevice create(String netdev, String address) {
        RxeDevice device = new RxeDevice(freeName());
        try {
            if (Command.exists("modprobe") && !Command.succeeds("modprobe", "-q", "rdma_rxe")) {
                LOG.debug("rdma_rxe is not a loadable module here; it may be built in");
            }
            device.build(netdev, address);
            device.awaitGid(netdev.equals(DUMMY) || hasIpv4(netdev));
            LOG.info("made soft-RoCE device {} over {}", device.name, netdev);
            return device;
        } catch (RuntimeException e) {
            device.close();
            throw e;
        }
    }

    private void build(String netdev, String address) {
        String below = netdev;
        if (netdev.equals(DUMMY)) {
            below = "d" + name;
            Command.run("ip", "link", "add", below, "type", "dummy");
            removals.push(new String[] {"ip", "link", "delete", below});
            Command.run("ip", "link", "set", below, "mtu", INTERFACE_MTU);
            Command.run("ip", "addr", "add", address, "dev", below);
            Command.run("ip", "link", "set", below, "up");
        }
        Command.run("rdma", "link", "add", name, "type", "rxe", "netdev", below);
        removals.push(new String[] {"rdma", "link", "delete", name});
    }

    /** The kernel fills the GID table in the background, and the link-local entry may come first. */
    private void awaitGid(boolean ipv4) {
        long start = System.nanoTime();
        while (find(name).stream()
                .flatMap(device -> device.ports().stream())
                .filter(RdmaPort::isActive)
                .flatMap(port -> port.gids().stream())
                .noneMatch(gid -> gid.isIpv4Mapped() || !ipv4)) {
            if (System.nanoTime() - start > GID_LIMIT_NANOS) {
                throw new TransportUnavailable("the new soft-RoCE device " + name
                        + " gets no GID; its interface must be up and have an address");
            }
            LockSupport.parkNanos(GID_PAUSE_NANOS);
        }
    }

    private static Optional<RdmaDevice> find(String name) {
        return RdmaDevices.ofThisMachine().stream()
                .filter(device -> device.name().equals(name))
                .findFirst();
    }

    private static String freeName() {
        for (int i = 0; i < MAX_NAMES; i++) {
            String name = "finemem" + i;
            if (find(name).isEmpty()) {
                return name;
            }
        }
        throw new TransportUnavailable("there are " + MAX_NAMES + " soft-RoCE devices named finemem*; remove some");
    }

    /** An interface that is up and has an IPv4 address that others may reach; otherwise {@link #DUMMY}. */
    static String suitableInterface() {
        try {
            for (NetworkInterface candidate : Collections.list(NetworkInterface.getNetworkInterfaces())) {
                if (hasIpv4(candidate) && candidate.isUp() && !candidate.isLoopback() && !candidate.isPointToPoint()) {
                    return candidate.getName();
                }
            }
            return DUMMY;
        } catch (SocketException e) {
            throw new TransportUnavailable(e, "network interfaces cannot be listed: " + e.getMessage());
        }
    }

    private static boolean hasIpv4(NetworkInterface candidate) {
        return candidate.inetAddresses().anyMatch(Inet4Address.class::isInstance);
    }

    private static boolean hasIpv4(String name) {
        try {
            NetworkInterface found = NetworkInterface.getByName(name);
            return found != null && hasIpv4(found);
        } catch (SocketException e) {
            throw new TransportUnavailable(e, "network interface " + name + " cannot be read: " + e.getMessage());
        }
    }

    /** Kernel name of the device. */
    String name() {
        return name;
    }

    @Override
    public void close() {
        while (!removals.isEmpty()) {
            String[] removal = removals.pop();
            try {
                Command.run(removal);
            } catch (FineMemException e) {
                LOG.warn("left behind: {}", String.join(" ", removal), e);
            }
        }
    }
}
