package io.finemem.runtime.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.api.InvalidConfiguration;
import io.finemem.runtime.config.TransportChoice;
import io.finemem.spi.transport.Availability;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportProvider;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.spi.transport.Transports;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorTest {
    private static final long POOL = 2L << 20;

    @TempDir
    private Path root = Path.of(".");

    private record Probed(String name, int priority, Availability found) implements TransportProvider {
        @Override
        public int spiVersion() {
            return SPI_VERSION;
        }

        @Override
        public String summary() {
            return name;
        }

        @Override
        public Set<String> settingKeys() {
            return Set.of();
        }

        @Override
        public Availability availability(TransportSettings settings) {
            return found;
        }

        @Override
        public Transport open(TransportSettings settings) {
            throw new UnsupportedOperationException("a doctor opens nothing");
        }
    }

    private static final Transports TRANSPORTS = Transports.of(List.of(
            new Probed("verbs", 100, Availability.unavailable("no RDMA device", "plug one in")),
            new Probed("shm", 10, Availability.available("/dev/shm"))));

    private Diagnosis examine(String transport) {
        Machine machine = new FakeMachine(root)
                .directory("/dev/shm")
                .usableBytes(1L << 30)
                .machine();
        return new Doctor(machine).examine(TRANSPORTS, new TransportChoice(transport, Map.of()), POOL);
    }

    @Test
    void automaticChoiceTakesWhatWorksAndTheRestIsNoProblem() {
        Diagnosis diagnosis = examine("auto");
        assertThat(diagnosis.transport()).isEqualTo("shm");
        assertThat(diagnosis.usable()).isTrue();
        assertThat(diagnosis.findings())
                .contains(Finding.ok("transport shm", "/dev/shm"))
                .noneMatch(finding -> finding.level() == Finding.Level.PROBLEM);
    }

    @Test
    void aNamedTransportThatDoesNotWorkIsAProblem() {
        Diagnosis diagnosis = examine("verbs");
        assertThat(diagnosis.usable()).isFalse();
        assertThat(diagnosis.findings())
                .contains(Finding.problem("transport verbs", "no RDMA device", "plug one in", Set.of("verbs")));
    }

    @Test
    void anUnknownTransportIsAMistakeThatListsTheOthers() {
        assertThatThrownBy(() -> examine("ufo"))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessage("there is no transport named ufo; transports: verbs (not available: no RDMA device;"
                        + " plug one in), shm (available: /dev/shm)");
    }

    @Test
    void everyFindingThatIsNotFineHasARemedy() {
        assertThat(examine("verbs").findings())
                .filteredOn(finding -> finding.level() != Finding.Level.OK)
                .filteredOn(finding -> !finding.check().equals("locked memory"))
                .allMatch(finding -> !finding.remedy().isEmpty());
    }

    @Test
    void theRealProbeAsksAServerAndGivesUpOnOneThatIsNotThere() throws Exception {
        SocketAddress address;
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            address = server.getLocalSocketAddress();
            Thread thread = new Thread(() -> {
                try (Socket socket = server.accept()) {
                    socket.getInputStream().readNBytes(6);
                    socket.getOutputStream().write("+PONG\r\n".getBytes());
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            thread.start();
            assertThat(NetworkProbe.real().ask(address, "PING\r\n")).hasValue("+PONG\r\n");
            thread.join();
        }
        assertThat(NetworkProbe.real().ask(address, "PING\r\n")).isEmpty();
    }
}
