package io.finemem.runtime.soak.system;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What is done to interfaces, all at once, and taken back. Used by one thread. */
final class NetworkFaults implements AutoCloseable {
    private static final List<String> LOSS = List.of("loss", "2%");
    private static final List<String> DELAY = List.of("delay", "5ms", "2ms");
    private static final List<String> DUPLICATES = List.of("duplicate", "5%");

    private final List<String> devices;
    private final List<List<String>> mending = new ArrayList<>();

    NetworkFaults(List<String> devices) {
        this.devices = List.copyOf(devices);
    }

    /** The network as the fault has it, while that lasts; {@code fault} is one of the network. */
    void during(Fault fault, Runnable time) {
        switch (fault) {
            case LOSSY_NETWORK -> emulate(LOSS, fault);
            case DELAYED_NETWORK -> emulate(DELAY, fault);
            case DOUBLED_NETWORK -> emulate(DUPLICATES, fault);
            default -> devices.forEach(device -> cut(device, fault));
        }
        time.run();
        close();
    }

    private void emulate(List<String> how, Fault fault) {
        for (String device : devices) {
            mending.add(List.of("tc", "qdisc", "del", "dev", device, "root"));
            Programs.run(
                    Stream.of(List.of("tc", "qdisc", "replace", "dev", device, "root", "netem"), how)
                            .flatMap(List::stream)
                            .toList(),
                    "make a " + fault);
        }
    }

    /** The kernel forgets an interface's routes and neighbours when it goes down: they are set again, as who manages it would. */
    private void cut(String device, Fault fault) {
        List<String> routes =
                Programs.lines(List.of("ip", "-4", "route", "show", "table", "all", "dev", device), "look up routes");
        List<String> neighbours = Programs.lines(
                List.of("ip", "-4", "neighbour", "show", "nud", "permanent", "dev", device), "look up neighbours");
        mending.add(List.of("ip", "link", "set", device, "up"));
        routes.stream()
                .filter(route -> !route.contains("proto kernel"))
                .forEach(route -> mending.add(with("ip -4 route replace " + route + " dev " + device)));
        neighbours.forEach(neighbour -> mending.add(
                with("ip -4 neighbour replace " + neighbour.replace("PERMANENT", "nud permanent") + " dev " + device)));
        Programs.run(List.of("ip", "link", "set", device, "down"), "make a " + fault);
    }

    private static List<String> with(String line) {
        return List.of(line.trim().split(" +"));
    }

    /** Makes the network as it was. */
    @Override
    public void close() {
        List<List<String>> commands = List.copyOf(mending);
        mending.clear();
        commands.forEach(command -> Programs.run(command, "make the network as it was"));
    }
}
