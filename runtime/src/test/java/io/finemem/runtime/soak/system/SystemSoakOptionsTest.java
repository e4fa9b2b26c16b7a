package io.finemem.runtime.soak.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.api.InvalidRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SystemSoakOptionsTest {
    private static final Path PAGE = Path.of("../docs/redis.md");

    @Test
    void aFaultThatTheSystemCannotHaveIsRefusedWithWhatItNeeds() {
        assertThatThrownBy(() -> options(1, true, List.of("lo"), Fault.STOP_MEMORY_NODE))
                .isInstanceOf(InvalidRequest.class)
                .hasMessageContaining("stop-memory-node needs --memory-nodes 2 or more");
        assertThatThrownBy(() -> options(2, false, List.of("lo"), Fault.KILL_DIRECTORY))
                .hasMessageContaining("kill-directory needs --redis");
        assertThatThrownBy(() -> options(2, true, List.of(), Fault.KILL_SERVICE, Fault.DELAYED_NETWORK))
                .hasMessageContaining("delayed-network needs --network-devices");
    }

    @Test
    void faultsThatHaveToBeWaitedForAreRefusedWhereNobodyWaits() {
        Fault[] killed = {Fault.KILL_APPLICATION, Fault.KILL_SERVICE};
        assertThat(options(true, 1, false, List.of(), killed).faults()).containsExactly(killed);
        assertThatThrownBy(() -> options(true, 1, false, List.of(), Fault.KILL_APPLICATION, Fault.STOP_SERVICE))
                .isInstanceOf(InvalidRequest.class)
                .hasMessageContaining("stop-service has to be waited for: --steady goes with");
    }

    @Test
    void allFaultsAreThoseThatTheSystemCanHave() {
        assertThat(SystemSoakOptions.faultsOf(1, false, false))
                .containsExactly(
                        Fault.KILL_APPLICATION, Fault.STOP_APPLICATION, Fault.KILL_SERVICE, Fault.STOP_SERVICE);
        assertThat(SystemSoakOptions.faultsOf(2, true, true)).containsExactly(Fault.values());
        assertThat(options(2, true, List.of("lo"), Fault.values()).faults()).hasSize(Fault.values().length);
    }

    @Test
    void theDirectorysUserHasTheRightsThatItsPageTellsToGive() throws IOException {
        assertThat(Files.readString(PAGE))
                .contains("ACL SETUSER " + DirectoryServer.USER + " on >PASSWORD " + DirectoryServer.RIGHTS);
    }

    @Test
    void anApplicationsProgressIsReadAsItWasTold() {
        Progress progress = new Progress(4_000_000_000L, 2, 3, 4);
        String line = progress.line(1234);

        assertThat(Progress.of(line)).isEqualTo(progress);
        assertThat(Progress.pauseMillis(line)).isEqualTo(1234);
    }

    private static SystemSoakOptions options(int nodes, boolean redis, List<String> devices, Fault... faults) {
        return options(false, nodes, redis, devices, faults);
    }

    private static SystemSoakOptions options(
            boolean steady, int nodes, boolean redis, List<String> devices, Fault... faults) {
        return new SystemSoakOptions(
                1,
                Duration.ofSeconds(10),
                nodes,
                1,
                1,
                0,
                64L << 20,
                Duration.ofSeconds(1),
                steady,
                6,
                List.of(faults),
                Duration.ofSeconds(3),
                Duration.ofSeconds(60),
                redis,
                devices,
                List.of());
    }
}
