package io.finemem.transport.rxe;

import io.finemem.api.FineMemException;
import io.finemem.spi.transport.Availability;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportProvider;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.spi.transport.TransportUnavailable;
import io.finemem.transport.verbs.Endpoint;
import io.finemem.transport.verbs.EndpointChoice;
import io.finemem.transport.verbs.RdmaDevice;
import io.finemem.transport.verbs.RdmaDevices;
import io.finemem.transport.verbs.VerbsSettings;
import io.finemem.transport.verbs.VerbsTransport;
import io.finemem.verbs.ffi.NativeLibraries;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Soft-RoCE. Settings beside those of the verbs transport:
 * <ul>
 *   <li>{@code create}: whether to make a device if there is none (needs root); it is removed with the transport;
 *   <li>{@code netdev}: interface below a new device, {@code dummy} for a new dummy interface, {@code auto} for the
 *       first that is up and has an IPv4 address, otherwise a dummy;
 *   <li>{@code address}: address and prefix length of a dummy interface.
 * </ul>
 */
public final class RxeProvider implements TransportProvider {
    private static final int SOFTWARE_RDMA = 50;
    private static final Path KERNEL_SUPPORT = Path.of("/sys/class/infiniband");
    private static final Pattern ADDRESS = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}/\\d{1,2}");
    private static final Pattern INTERFACE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.@-]{0,14}");
    private static final String GUEST_HINT = "run in a guest: ./finemem guest -- COMMAND";
    private static final Set<String> KEYS = keys();

    /** For the service loader. */
    public RxeProvider() {}

    private static Set<String> keys() {
        Set<String> keys = new TreeSet<>(VerbsSettings.KEYS);
        keys.addAll(List.of("create", "netdev", "address"));
        return Set.copyOf(keys);
    }

    /** The settings of a device to make. */
    private record Creation(boolean allowed, String netdev, String address) {
        static Creation of(TransportSettings settings) {
            String netdev = settings.text("netdev", VerbsSettings.AUTO);
            if (!INTERFACE.matcher(netdev).matches()) {
                throw settings.invalid("netdev", netdev, "auto, dummy, or the name of a network interface");
            }
            String address = settings.text("address", "10.9.0.1/24");
            if (!ADDRESS.matcher(address).matches()) {
                throw settings.invalid("address", address, "an IPv4 address with prefix length, such as 10.9.0.1/24");
            }
            return new Creation(settings.flag("create", false), netdev, address);
        }

        String resolvedNetdev() {
            return netdev.equals(VerbsSettings.AUTO) ? RxeDevice.suitableInterface() : netdev;
        }
    }

    @Override
    public String name() {
        return "rxe";
    }

    @Override
    public int priority() {
        return SOFTWARE_RDMA;
    }

    @Override
    public int spiVersion() {
        return 1;
    }

    @Override
    public String summary() {
        return "soft-RoCE (rdma_rxe) through libibverbs";
    }

    @Override
    public Set<String> settingKeys() {
        return KEYS;
    }

    @Override
    public Availability availability(TransportSettings settings) {
        try {
            VerbsSettings checked = VerbsSettings.of(settings, KEYS);
            Creation creation = Creation.of(settings);
            NativeLibraries.ibverbs();
            if (mayCreate(checked, creation)) {
                return creatable(creation);
            }
            String endpoint = choose(settings, checked).toString();
            return RdmaDevices.accessible()
                    ? Availability.available(endpoint)
                    : Availability.unavailable(
                            "there is an rxe device, but no " + RdmaDevices.DEVICE_FILES
                                    + "/uverbs* that this user may open",
                            "load ib_uverbs, or let the user read and write " + RdmaDevices.DEVICE_FILES);
        } catch (FineMemException | UncheckedIOException e) {
            return Availability.unavailable(String.valueOf(e.getMessage()), hint());
        }
    }

    private static boolean mayCreate(VerbsSettings checked, Creation creation) {
        return creation.allowed() && !checked.namesDevice() && rxeDevices().isEmpty();
    }

    private static Availability creatable(Creation creation) {
        if (NativeLibraries.libc().geteuid() != 0) {
            return Availability.unavailable("only root can make an rxe device", GUEST_HINT);
        }
        for (String program : List.of("rdma", "ip")) {
            if (!Command.exists(program)) {
                return Availability.unavailable("program " + program + " is missing", "install iproute2");
            }
        }
        if (!kernelHasRxe()) {
            return Availability.unavailable("this kernel has no rdma_rxe", GUEST_HINT);
        }
        return Availability.available("a new rxe device over " + creation.resolvedNetdev());
    }

    private static boolean kernelHasRxe() {
        return Files.isDirectory(KERNEL_SUPPORT)
                || Command.exists("modprobe") && Command.succeeds("modprobe", "-n", "-q", "rdma_rxe");
    }

    private static String hint() {
        return kernelHasRxe()
                ? "as root: rdma link add rxe0 type rxe netdev INTERFACE, or set create = true; or " + GUEST_HINT
                : "this kernel has no rdma_rxe: " + GUEST_HINT;
    }

    @Override
    public Transport open(TransportSettings settings) {
        VerbsSettings checked = VerbsSettings.of(settings, KEYS);
        Creation creation = Creation.of(settings);
        if (!mayCreate(checked, creation)) {
            return VerbsTransport.open(name(), choose(settings, checked), checked, () -> {});
        }
        Availability possible = creatable(creation);
        if (!possible.available()) {
            throw new TransportUnavailable(possible.detail() + "; " + possible.hint());
        }
        RxeDevice made = RxeDevice.create(creation.resolvedNetdev(), creation.address());
        try {
            return VerbsTransport.open(name(), choose(settings, checked), checked, made::close);
        } catch (RuntimeException e) {
            made.close();
            throw e;
        }
    }

    private static Endpoint choose(TransportSettings settings, VerbsSettings checked) {
        return new EndpointChoice(rxeDevices(), device -> true, "rxe device on this machine").choose(checked, settings);
    }

    private static List<RdmaDevice> rxeDevices() {
        return RdmaDevices.ofThisMachine().stream()
                .filter(device -> device.kind() == RdmaDevice.Kind.RXE)
                .toList();
    }
}
