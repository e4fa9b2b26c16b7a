package io.finemem.transport.verbs;

import io.finemem.api.FineMemException;
import io.finemem.spi.transport.Availability;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportProvider;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.verbs.ffi.NativeLibraries;
import java.io.UncheckedIOException;
import java.util.Set;

/** RDMA adapters. Software devices are used only if the configuration names one. */
public final class VerbsProvider implements TransportProvider {
    private static final int REAL_DEVICES = 100;

    /** For the service loader. */
    public VerbsProvider() {}

    @Override
    public String name() {
        return "verbs";
    }

    @Override
    public int priority() {
        return REAL_DEVICES;
    }

    @Override
    public int spiVersion() {
        return 1;
    }

    @Override
    public String summary() {
        return "RDMA adapters (InfiniBand, RoCE) through libibverbs";
    }

    @Override
    public Set<String> settingKeys() {
        return VerbsSettings.KEYS;
    }

    @Override
    public Availability availability(TransportSettings settings) {
        try {
            Endpoint endpoint = choose(settings, VerbsSettings.of(settings, VerbsSettings.KEYS));
            NativeLibraries.ibverbs();
            return RdmaDevices.accessible()
                    ? Availability.available(endpoint.toString())
                    : Availability.unavailable(
                            "there is " + endpoint.device() + ", but no " + RdmaDevices.DEVICE_FILES
                                    + "/uverbs* that this user may open",
                            "load ib_uverbs, or let the user read and write " + RdmaDevices.DEVICE_FILES);
        } catch (FineMemException | UncheckedIOException e) {
            return Availability.unavailable(
                    String.valueOf(e.getMessage()),
                    "see what ibv_devices lists; without an RDMA adapter use transport rxe or shm");
        }
    }

    @Override
    public Transport open(TransportSettings settings) {
        VerbsSettings checked = VerbsSettings.of(settings, VerbsSettings.KEYS);
        return VerbsTransport.open(name(), choose(settings, checked), checked, () -> {});
    }

    private static Endpoint choose(TransportSettings settings, VerbsSettings checked) {
        EndpointChoice choice = new EndpointChoice(
                RdmaDevices.ofThisMachine(),
                device -> device.kind() == RdmaDevice.Kind.HARDWARE,
                "RDMA adapter on this machine");
        return choice.choose(checked, settings);
    }
}
