package io.finemem.runtime.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.runtime.doctor.Finding.Level;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChecksTest {
    private static final long POOL = 64L << 20;
    private static final String PORT = "/sys/class/infiniband/mlx5_0/ports/1";

    @TempDir
    private Path root = Path.of(".");

    private FakeMachine fake = new FakeMachine(root);

    @BeforeEach
    void emptyMachine() {
        fake = new FakeMachine(root);
    }

    private Finding only(Check check) {
        List<Finding> findings = check.examine(fake.machine());
        assertThat(findings).hasSize(1);
        return findings.get(0);
    }

    @Test
    void missingLibrariesAreAProblemOfRdmaOnly() {
        fake.file("/usr/lib/x86_64-linux-gnu/libibverbs.so.1", "");
        List<Finding> findings = new LibraryCheck().examine(fake.machine());

        assertThat(findings.get(0))
                .isEqualTo(Finding.ok("libibverbs.so.1", "/usr/lib/x86_64-linux-gnu/libibverbs.so.1"));
        assertThat(findings.get(1).level()).isEqualTo(Level.PROBLEM);
        assertThat(findings.get(1).remedy()).contains("apt-get install rdma-core");
        assertThat(findings.get(1).forTransport("verbs").level()).isEqualTo(Level.PROBLEM);
        assertThat(findings.get(1).forTransport("shm").level()).isEqualTo(Level.WARNING);
    }

    @Test
    void librariesAreFoundByTheVariableToo() {
        fake.variable("LD_LIBRARY_PATH", "relative:/opt/rdma").file("/opt/rdma/libibverbs.so.1", "");
        assertThat(new LibraryCheck().examine(fake.machine()).get(0).detail()).isEqualTo("/opt/rdma/libibverbs.so.1");
    }

    @Test
    void noDeviceIsAProblemOfVerbsWithTheOtherWaysAsRemedy() {
        Finding finding = only(new RdmaDeviceCheck());
        assertThat(finding.level()).isEqualTo(Level.PROBLEM);
        assertThat(finding.neededBy()).containsExactly("verbs");
        assertThat(finding.remedy()).contains("shm", "guest");
    }

    @Test
    void devicesAreListedWithPortsAndGids() {
        fake.file(PORT + "/state", "4: ACTIVE\n")
                .file(PORT + "/link_layer", "Ethernet\n")
                .file(PORT + "/gids/0", "fe80:0000:0000:0000:0202:c9ff:fe00:0001\n")
                .file(PORT + "/gids/1", "0000:0000:0000:0000:0000:ffff:0a09:0001\n")
                .file(PORT + "/gids/10", "0000:0000:0000:0000:0000:0000:0000:0000\n")
                .file(PORT + "/gid_attrs/types/0", "IB/RoCE v1\n")
                .file(PORT + "/gid_attrs/types/1", "RoCE v2\n")
                .file("/dev/infiniband/uverbs0", "");
        List<Finding> findings = new RdmaDeviceCheck().examine(fake.machine());

        assertThat(findings)
                .containsExactly(
                        Finding.ok(
                                "mlx5_0/1",
                                "4: ACTIVE, Ethernet, GIDs: "
                                        + "0 = fe80:0000:0000:0000:0202:c9ff:fe00:0001 (IB/RoCE v1, link-local); "
                                        + "1 = 0000:0000:0000:0000:0000:ffff:0a09:0001 (RoCE v2, routable)"),
                        Finding.ok("/dev/infiniband", "/dev/infiniband/uverbs0"));
    }

    @Test
    void aPortThatIsDownAndAMissingDeviceFileAreSeen() {
        fake.file(PORT + "/state", "1: DOWN\n");
        List<Finding> findings = new RdmaDeviceCheck().examine(fake.machine());

        assertThat(findings.get(0).level()).isEqualTo(Level.WARNING);
        assertThat(findings.get(0).detail()).isEqualTo("1: DOWN, unknown, GIDs: none");
        assertThat(findings.get(0).remedy()).contains("ip link set");
        assertThat(findings.get(1).level()).isEqualTo(Level.PROBLEM);
        assertThat(findings.get(1).remedy()).contains("modprobe ib_uverbs");
    }

    private static String limits(String value) {
        return "Limit                     Soft Limit           Hard Limit           Units     \n"
                + "Max cpu time              unlimited            unlimited            seconds   \n"
                + "Max locked memory         " + value + "              " + value + "              bytes     \n";
    }

    @Test
    void aLowLimitOfLockedMemoryIsAProblemWithTheRemedy() {
        fake.file("/proc/self/limits", limits("8388608")).file("/proc/self/status", "CapEff:\t0000000000000000\n");
        Finding finding = only(new LockedMemoryCheck(POOL));

        assertThat(finding.level()).isEqualTo(Level.PROBLEM);
        assertThat(finding.detail()).isEqualTo("limited to 8 MiB, the pool needs more than 64 MiB");
        assertThat(finding.remedy()).contains("ulimit -l unlimited", "LimitMEMLOCK", "--ulimit memlock=-1");
    }

    @Test
    void theLimitDoesNotBindAPrivilegedProcess() {
        fake.file("/proc/self/limits", limits("8388608"))
                .file("/proc/self/status", "Name:\tx\nCapEff:\t000001ffffffffff\n");
        assertThat(only(new LockedMemoryCheck(POOL)).level()).isEqualTo(Level.OK);
        fake.file("/proc/self/status", "CapEff:\t000001ffffffbfff\n");
        assertThat(only(new LockedMemoryCheck(POOL)).level()).isEqualTo(Level.PROBLEM);
    }

    @Test
    void anUnlimitedOrSufficientLimitIsFine() {
        fake.file("/proc/self/limits", limits("unlimited"));
        assertThat(only(new LockedMemoryCheck(POOL))).isEqualTo(Finding.ok("locked memory", "unlimited"));
        fake.file("/proc/self/limits", limits("134217728"));
        assertThat(only(new LockedMemoryCheck(POOL)).detail()).contains("128 MiB, enough");
    }

    @Test
    void anUnreadableLimitIsAWarning() {
        assertThat(only(new LockedMemoryCheck(POOL)).level()).isEqualTo(Level.WARNING);
    }

    @Test
    void sharedMemoryMustHoldThePool() {
        assertThat(only(new SharedMemoryCheck(POOL)).level()).isEqualTo(Level.PROBLEM);
        fake.directory("/dev/shm").usableBytes(POOL);
        Finding full = only(new SharedMemoryCheck(POOL));
        assertThat(full.level()).isEqualTo(Level.PROBLEM);
        assertThat(full.neededBy()).containsExactly("shm");
        assertThat(full.remedy()).contains("--shm-size");
        fake.usableBytes(POOL + 1);
        assertThat(only(new SharedMemoryCheck(POOL)).level()).isEqualTo(Level.OK);
    }

    @Test
    void softRdmaIsLoadedLoadableOrImpossible() {
        fake.file("/proc/sys/kernel/osrelease", "6.1.0-56-amd64\n");
        assertThat(only(new SoftRdmaCheck()).detail()).contains("loads no modules");
        assertThat(only(new SoftRdmaCheck()).remedy()).contains("./finemem guest");

        fake.file("/proc/modules", "");
        assertThat(only(new SoftRdmaCheck()).detail()).contains("6.1.0-56-amd64 has no module rdma_rxe");

        fake.file("/lib/modules/6.1.0-56-amd64/modules.dep", "kernel/drivers/infiniband/sw/rxe/rdma_rxe.ko: x\n");
        assertThat(only(new SoftRdmaCheck()).remedy()).contains("modprobe rdma_rxe");

        fake.directory("/sys/module/rdma_rxe");
        assertThat(only(new SoftRdmaCheck()).level()).isEqualTo(Level.OK);
    }

    @Test
    void anRxeDeviceShowsThatTheKernelHasRxeWithoutAModule() {
        fake.file("/sys/class/infiniband/mlx5_0/node_guid", "");
        assertThat(only(new SoftRdmaCheck()).level()).isEqualTo(Level.WARNING);
        fake.file("/sys/class/infiniband/rxe0/parent", "eth0\n");
        assertThat(only(new SoftRdmaCheck()).level()).isEqualTo(Level.OK);
    }

    @Test
    void whatAGuestRunsOnIsOptional() {
        assertThat(new GuestCheck().examine(fake.machine()))
                .hasSize(3)
                .allMatch(finding ->
                        finding.level() == Level.WARNING && !finding.remedy().isEmpty());

        fake.file("/dev/kvm", "")
                .program("/opt/qemu/qemu-system-x86_64")
                .variable("PATH", "/opt/qemu:/bin")
                .variable("HOME", "/home/u")
                .program("/home/u/.cache/finemem/guest/uml-6.1.192-2-abc/linux");
        assertThat(new GuestCheck().examine(fake.machine()))
                .extracting(Finding::level)
                .containsOnly(Level.OK);
        assertThat(new GuestCheck().examine(fake.machine()))
                .extracting(Finding::detail)
                .contains("/opt/qemu/qemu-system-x86_64", "/home/u/.cache/finemem/guest/uml-6.1.192-2-abc/linux");
    }

    @Test
    void aNamedUserModeKernelMustBeThere() {
        fake.variable("FINEMEM_UML_KERNEL", "/opt/linux");
        assertThat(new GuestCheck().examine(fake.machine()).get(2).level()).isEqualTo(Level.WARNING);
        fake.program("/opt/linux");
        assertThat(new GuestCheck().examine(fake.machine()).get(2).detail()).isEqualTo("/opt/linux");
    }

    @Test
    void redisAnswersIsInstalledOrIsMissing() {
        assertThat(only(new RedisCheck()).level()).isEqualTo(Level.WARNING);
        assertThat(only(new RedisCheck()).remedy()).contains("redis-server");

        fake.program("/usr/bin/redis-server");
        assertThat(only(new RedisCheck()).detail())
                .isEqualTo("/usr/bin/redis-server; none is running at 127.0.0.1:6379");

        fake.variable("REDIS_URL", "redis://127.0.0.2:7000")
                .network((server, question) ->
                        server.equals(new InetSocketAddress("127.0.0.2", 7000)) && question.equals("PING\r\n")
                                ? Optional.of("+PONG\r\n")
                                : Optional.empty());
        assertThat(only(new RedisCheck())).isEqualTo(Finding.ok("Redis", "answers at 127.0.0.2:7000"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"::", "redis:x", "no url at all"})
    void aMalformedRedisUrlIsAWarning(String url) {
        fake.variable("REDIS_URL", url);
        assertThat(only(new RedisCheck()).detail()).contains("REDIS_URL");
    }

    @Test
    void theDockerEngineMustAnswerNotOnlyExist() {
        assertThat(only(new DockerCheck()).level()).isEqualTo(Level.WARNING);
        fake.file("/var/run/docker.sock", "");
        assertThat(only(new DockerCheck()).level()).isEqualTo(Level.WARNING);
        fake.network((server, question) ->
                server instanceof UnixDomainSocketAddress ? Optional.of("HTTP/1.0 200 OK\r\n") : Optional.empty());
        assertThat(only(new DockerCheck())).isEqualTo(Finding.ok("Docker engine", "answers at /var/run/docker.sock"));
    }

    @Test
    void jvmFlagsThatNativeCodeWantsAreChecked() {
        fake.jvm(new JvmFacts(25, "VM 25", List.of("-Xmx1g"), false));
        assertThat(new JvmCheck().examine(fake.machine()))
                .extracting(Finding::level)
                .containsExactly(Level.OK, Level.PROBLEM, Level.WARNING);
        fake.jvm(new JvmFacts(25, "VM 25", List.of("--enable-native-access=ALL-UNNAMED"), true));
        assertThat(new JvmCheck().examine(fake.machine()))
                .extracting(Finding::level)
                .containsOnly(Level.OK);
    }

    @Test
    void hugePagesAreShownAndOptional() {
        assertThat(only(new HugePageCheck()).level()).isEqualTo(Level.OK);
        fake.file("/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "64\n")
                .file("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "60\n");
        assertThat(only(new HugePageCheck()).detail())
                .isEqualTo("60 of 64 free, 2048kB, no hugetlbfs for shm (optional)");
        fake.file("/proc/mounts", "none /dev/hugepages hugetlbfs rw,relatime,pagesize=2M 0 0\n")
                .file("/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages", "0\n")
                .file("/sys/kernel/mm/hugepages/hugepages-1048576kB/free_hugepages", "0\n");
        assertThat(only(new HugePageCheck()).detail())
                .isEqualTo("0 of 0 free, 1048576kB, 60 of 64 free, 2048kB, hugetlbfs at /dev/hugepages (optional)");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1023})
    void smallSizesAreInBytes(long bytes) {
        assertThat(Sizes.text(bytes)).isEqualTo(bytes + " B");
    }

    @Test
    void sizesAreInTheLargestUnitThatFits() {
        assertThat(Sizes.text(1024)).isEqualTo("1 KiB");
        assertThat(Sizes.text(1536)).isEqualTo("1.5 KiB");
        assertThat(Sizes.text(Long.MAX_VALUE)).isEqualTo("8 EiB");
    }
}
