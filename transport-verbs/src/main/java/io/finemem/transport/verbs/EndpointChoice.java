package io.finemem.transport.verbs;

import io.finemem.api.InvalidConfiguration;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.spi.transport.TransportUnavailable;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Chooses device, port and GID: what the configuration names, otherwise the first device (of the wanted kind) with an
 * active port that has a GID, and of its GIDs the one that reaches farthest.
 */
public final class EndpointChoice {
    private final List<RdmaDevice> devices;
    private final Predicate<RdmaDevice> wanted;
    private final String wantedText;

    /**
     * A choice among devices.
     *
     * @param wanted devices that may be taken without being named
     * @param wantedText the same in words, for messages
     */
    public EndpointChoice(List<RdmaDevice> devices, Predicate<RdmaDevice> wanted, String wantedText) {
        this.devices = List.copyOf(devices);
        this.wanted = wanted;
        this.wantedText = wantedText;
    }

    /**
     * Chooses.
     *
     * @throws InvalidConfiguration if a named device, port or GID does not exist; the text lists those that do
     * @throws TransportUnavailable if there is nothing to choose from, or the named port is not active
     */
    public Endpoint choose(VerbsSettings settings, TransportSettings source) {
        if (settings.namesDevice()) {
            return endpoint(named(settings, source), settings, source);
        }
        List<RdmaDevice> candidates = devices.stream().filter(wanted).toList();
        if (candidates.isEmpty()) {
            throw new TransportUnavailable("there is no " + wantedText + "; RDMA devices: " + listing());
        }
        RdmaDevice best = candidates.stream()
                .filter(device -> device.ports().stream().anyMatch(EndpointChoice::usable))
                .findFirst()
                .orElse(candidates.get(0));
        return endpoint(best, settings, source);
    }

    private RdmaDevice named(VerbsSettings settings, TransportSettings source) {
        return devices.stream()
                .filter(device -> device.name().equals(settings.device()))
                .findFirst()
                .orElseThrow(() -> source.invalid(
                        "device",
                        settings.device(),
                        "auto or the name of an RDMA device of this machine; there are: " + listing()));
    }

    private static Endpoint endpoint(RdmaDevice device, VerbsSettings settings, TransportSettings source) {
        RdmaPort port = port(device, settings, source);
        return new Endpoint(device, port, gid(device, port, settings, source));
    }

    private static RdmaPort port(RdmaDevice device, VerbsSettings settings, TransportSettings source) {
        String ports = device.ports().stream().map(RdmaPort::toString).collect(Collectors.joining(", "));
        if (settings.port() == VerbsSettings.AUTOMATIC) {
            return device.ports().stream()
                    .filter(EndpointChoice::usable)
                    .findFirst()
                    .orElseThrow(() -> new TransportUnavailable("device " + device.name()
                            + " has no active port with a GID; ports: " + ports
                            + "; bring its network interface up and give it an address"));
        }
        RdmaPort port = device.ports().stream()
                .filter(candidate -> candidate.number() == settings.port())
                .findFirst()
                .orElseThrow(() -> source.invalid(
                        "port",
                        Integer.toString(settings.port()),
                        "auto or a port of " + device.name() + "; there are: " + ports));
        if (!port.isActive()) {
            throw new TransportUnavailable(
                    "port " + port.number() + " of device " + device.name() + " is not active: " + port.state());
        }
        return port;
    }

    private static Gid gid(RdmaDevice device, RdmaPort port, VerbsSettings settings, TransportSettings source) {
        if (settings.gidIndex() != VerbsSettings.AUTOMATIC) {
            return port.gids().stream()
                    .filter(gid -> gid.index() == settings.gidIndex())
                    .findFirst()
                    .orElseThrow(() -> source.invalid(
                            "gid-index",
                            Integer.toString(settings.gidIndex()),
                            "auto or the index of a GID of " + device.name() + " port " + port.number()
                                    + "; there are: " + port.gidListing()));
        }
        Comparator<Gid> byReach = port.isEthernet()
                ? Comparator.comparingInt(Gid::preference).thenComparing(Gid::index, Comparator.reverseOrder())
                : Comparator.comparing(Gid::index, Comparator.reverseOrder());
        return port.gids().stream()
                .max(byReach)
                .orElseThrow(() -> new TransportUnavailable("port " + port.number() + " of device " + device.name()
                        + " has no GID; give its network interface an address"));
    }

    private static boolean usable(RdmaPort port) {
        return port.isActive() && !port.gids().isEmpty();
    }

    private String listing() {
        return devices.isEmpty()
                ? "none"
                : devices.stream().map(RdmaDevice::toString).collect(Collectors.joining(", "));
    }
}
