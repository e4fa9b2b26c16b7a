package io.finemem.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.allocator.control.AuditReport;
import io.finemem.runtime.control.ControlClient;
import io.finemem.runtime.control.ControlTimeouts;
import io.finemem.runtime.control.PresharedSecret;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Disks that are full, read-only or noexec, and files that may not be read: the daemons and tools as processes. */
@Timeout(180)
class FileTroubleProcessTest {
    private static final Pattern READY = Pattern.compile("ready name=mn0 address=127\\.0\\.0\\.1:(\\d+) .*");
    private static final int SIGTERM_EXIT_CODE = 143;
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String FILL = "head -c 8m /dev/zero > filler 2>/dev/null || true";

    @TempDir
    private Path directory = Path.of(".");

    private Path secret = Path.of(".");
    private Path disk = Path.of(".");
    private Path fabric = Path.of(".");

    @BeforeEach
    void makeDirectories() throws IOException {
        secret = directory.resolve("secret");
        PresharedSecret.create(secret);
        disk = Files.createDirectory(directory.resolve("disk"));
        fabric = Files.createDirectory(directory.resolve("fabric"));
    }

    private String[] memoryNode(Path shm) {
        return new String[] {
            "memory-node",
            "--transport",
            "shm",
            "--set",
            "finemem.transport.shm.directory=" + shm,
            "--secret-file",
            secret.toString(),
            "--port",
            "0",
            "--pool",
            "8MiB"
        };
    }

    private Path computeNodeConfig(int port) throws IOException {
        return Files.writeString(
                directory.resolve("compute.conf"),
                "finemem { secret-file = \"" + secret + "\", transport { name = shm, shm.directory = \"" + fabric
                        + "\" }\n" + " client.memory-nodes = [ { name = mn0, address = \"127.0.0.1:" + port
                        + "\" } ] }");
    }

    private String[] computeNode(int port, Path socket) throws IOException {
        return new String[] {"compute-node", "-c", computeNodeConfig(port).toString(), "--socket", socket.toString()};
    }

    private String oneLine(JavaProcess process, String command) throws InterruptedException {
        assertThat(process.exitCode()).isEqualTo(FineMemCommand.FAILURE);
        String errors = process.errors();
        assertThat(errors).doesNotContain("\tat ", "Exception in thread");
        List<String> lines =
                errors.lines().filter(line -> line.startsWith("finemem")).toList();
        assertThat(lines).hasSize(1);
        assertThat(lines.get(0)).startsWith("finemem " + command + ": ");
        return lines.get(0);
    }

    private static List<String> names(Path in) throws IOException {
        try (Stream<Path> files = Files.list(in)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    /** The outcomes of command lines that are run in one process. */
    private List<String> outcomes(List<String> under, List<String[]> lines) throws Exception {
        List<String> arguments = new ArrayList<>();
        for (String[] line : lines) {
            arguments.add("--");
            arguments.addAll(List.of(line));
        }
        try (JavaProcess process =
                JavaProcess.startUnder(directory, under, CommandLines.class, arguments.toArray(String[]::new))) {
            assertThat(process.exitCode()).as(process.errors()).isZero();
            assertThat(process.errors()).doesNotContain("\tat ");
            List<String> outcomes = process.output();
            assertThat(outcomes).hasSameSizeAs(lines).noneMatch(outcome -> outcome.contains("\\n"));
            return outcomes;
        }
    }

    /** The first attempt and later ones fail in different ways inside the JVM. */
    @Test
    void nativeCodeThatCannotBeUnpackedIsOneLineWithTheRemedy() throws Exception {
        List<String> under = new ArrayList<>(Surroundings.mounted(disk, "size=4m,noexec", "true"));
        under.addAll(List.of("env", "JAVA_TOOL_OPTIONS=-Djava.io.tmpdir=" + disk));
        String[] service = computeNode(1, directory.resolve("s"));
        String[] node = {"memory-node", "--transport", "rxe", "--secret-file", secret.toString()};
        List<String> outcomes = outcomes(under, List.of(service, node, service));
        String remedy =
                "the native part of jnr-ffi cannot be loaded; it is unpacked into the directory for temporary files,"
                        + " which must be writable and not mounted noexec: set the variable TMPDIR or -Djava.io.tmpdir to another"
                        + " one [java.io.tmpdir=" + disk + "]";
        assertThat(outcomes.get(0)).isEqualTo("1 finemem compute-node: " + remedy);
        assertThat(outcomes.get(1))
                .startsWith(
                        "1 finemem memory-node: transport rxe does not work here: libibverbs.so.1 cannot be called: ")
                .contains(
                        "java.io.tmpdir = " + disk,
                        "noexec: set the variable TMPDIR or -Djava.io.tmpdir to another one");
        assertThat(outcomes.get(2)).isEqualTo(outcomes.get(0));
        assertThat(names(directory)).doesNotContain("s", "s.state");
    }

    /** The file system of the session journal is full from the beginning; the memory node does not notice anything. */
    @Test
    void fullDiskOfTheSessionJournalIsOneLineAndTheMemoryNodeIsClean() throws Exception {
        try (JavaProcess node = JavaProcess.start(directory, FineMemCommand.class, memoryNode(fabric))) {
            int port = port(node);
            List<String> under = Surroundings.mounted(disk, "size=1m", FILL);
            try (JavaProcess service = JavaProcess.startUnder(
                    directory, under, FineMemCommand.class, computeNode(port, disk.resolve("service")))) {
                assertThat(oneLine(service, "compute-node"))
                        .contains("the service's session journal cannot grow; is the file system of"
                                + " finemem.service.state-directory full? [path=" + disk);
            }
            AuditReport audit = audit(port);
            assertThat(audit.clean()).isTrue();
            assertThat(audit.owners() + audit.usedChunks()).isZero();
        }
    }

    private AuditReport audit(int port) {
        try (ControlClient control = ControlClient.connect(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                PresharedSecret.load(secret),
                "test",
                new ControlTimeouts(LIMIT, LIMIT, Duration.ofSeconds(1)))) {
            return control.audit();
        }
    }

    private static int port(JavaProcess node) throws InterruptedException {
        Matcher ready = READY.matcher(node.line());
        assertThat(ready.matches()).isTrue();
        return Integer.parseInt(ready.group(1));
    }

    @Test
    void fullDisksOfTheFabricAndOfASecretAreOneLineAndLeaveNoHalfFile() throws Exception {
        // The shell lists the directory before the name space, and with it the file system, is gone.
        List<String> under = Surroundings.mounted(
                disk, "size=1m", FILL + "; \"$@\" > ../outcomes 2> ../trouble; ls -A > ../left; exit 0");
        List<String[]> lines = List.of(
                memoryNode(disk),
                new String[] {"new-secret", disk.resolve("new").toString()});
        List<String> arguments = new ArrayList<>();
        lines.forEach(line -> {
            arguments.add("--");
            arguments.addAll(List.of(line));
        });
        try (JavaProcess process =
                JavaProcess.startUnder(directory, under, CommandLines.class, arguments.toArray(String[]::new))) {
            assertThat(process.exitCode()).isZero();
        }
        assertThat(Files.readAllLines(directory.resolve("left"))).containsExactly("filler");
        assertThat(Files.readString(directory.resolve("trouble"))).doesNotContain("\tat ");
        List<String> outcomes = Files.readAllLines(directory.resolve("outcomes"));
        assertThat(outcomes).hasSize(2);
        assertThat(outcomes.get(0))
                .startsWith("1 finemem memory-node: the file system of the shared memory is too small; enlarge it")
                .contains("[path=" + disk, "freeBytes=0]");
        assertThat(outcomes.get(1))
                .startsWith("2 finemem new-secret: the secret file " + disk.resolve("new")
                        + " cannot be written: No space left on device; choose another directory");
    }

    /** Its log is the one thing that a daemon can do without. */
    @Test
    void memoryNodeServesWithoutAHomeAndWithALogThatCannotBeWritten() throws Exception {
        List<String> under = List.of("env", "-u", "HOME", "-u", "USER", "sh", "-c", "exec \"$@\" 2>/dev/full", "sh");
        try (JavaProcess node = JavaProcess.startUnder(directory, under, FineMemCommand.class, memoryNode(fabric))) {
            assertThat(audit(port(node)).clean()).isTrue();
            node.terminate();
            assertThat(node.exitCode()).isEqualTo(SIGTERM_EXIT_CODE);
        }
        assertThat(names(fabric)).isEmpty();
    }

    @Test
    void outputThatIsLostOnAFullDiskIsAFailure() throws Exception {
        List<String> under = List.of("sh", "-c", "exec \"$@\" >/dev/full", "sh");
        try (JavaProcess tool =
                JavaProcess.startUnder(directory, under, FineMemCommand.class, "config", "show", "--json")) {
            assertThat(tool.exitCode()).isEqualTo(FineMemCommand.FAILURE);
            assertThat(tool.errors().lines().filter(line -> line.startsWith("finemem")))
                    .containsExactly("finemem: the output is incomplete, standard output cannot be written:"
                            + " No space left on device; is its file system full?");
        }
    }

    @Test
    void readOnlyDiskIsOneLineWhateverWasToBeWritten() throws Exception {
        List<String> under = Surroundings.mounted(disk, "size=1m", "mount -o remount,ro \"$0\"");
        String elsewhere = directory.resolve("service").toString();
        List<String> outcomes = outcomes(
                under,
                List.of(
                        new String[] {"new-secret", disk.resolve("new").toString()},
                        memoryNode(disk),
                        computeNode(1, disk.resolve("service")),
                        Stream.concat(
                                        Stream.of(computeNode(1, Path.of(elsewhere))),
                                        Stream.of("--set", "finemem.service.state-directory=" + disk))
                                .toArray(String[]::new)));
        assertThat(outcomes.get(0))
                .startsWith("2 finemem new-secret: the secret file " + disk.resolve("new")
                        + " cannot be written: Read-only file system; choose another directory");
        assertThat(outcomes.get(1))
                .isEqualTo("2 finemem memory-node: finemem.transport.shm.directory = " + disk
                        + " is not valid: it must be a directory that exists and that this user may write to");
        assertThat(outcomes.get(2))
                .startsWith("2 finemem compute-node: ")
                .contains("Read-only file system", "finemem.service.");
        assertThat(outcomes.get(3))
                .startsWith("2 finemem compute-node: the service's session journal cannot be opened at " + disk)
                .contains("Read-only file system; check finemem.service.state-directory");
    }

    @Test
    void filesThatThisUserMayNotReadAreNamedWithTheRemedy() throws Exception {
        Path closed = Files.createFile(
                directory.resolve("closed"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("---------")));
        Path closedDirectory = Files.createDirectory(
                directory.resolve("locked"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("r-x------")));
        String tls = "finemem.control.security=tls";
        String keystore = "finemem.control.tls.keystore=";
        String truststore = "finemem.control.tls.truststore=";
        String password = "finemem.control.tls.keystore-password-file=";
        Path p12 = Files.createFile(
                directory.resolve("k.p12"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        List<String> outcomes = outcomes(
                Surroundings.withoutRootsRightsOverFiles(),
                List.of(
                        with("--secret-file", closed.toString()),
                        with("-c", closed.toString()),
                        with("--set", tls, "--set", keystore + closed, "--set", truststore + secret),
                        with(
                                "--set",
                                tls,
                                "--set",
                                keystore + p12,
                                "--set",
                                truststore + secret,
                                "--set",
                                password + closed),
                        new String[] {
                            "new-secret", closedDirectory.resolve("new").toString()
                        },
                        computeNode(1, closedDirectory.resolve("run/service"))));
        String user = System.getProperty("user.name");
        String mayNot = " cannot be read: this user (" + user + ") may not; give it to this user (chown " + user + " "
                + closed + "), or run as the user that it belongs to";
        assertThat(outcomes.subList(0, 5))
                .containsExactly(
                        "2 finemem memory-node: the secret file " + closed + mayNot,
                        "2 finemem memory-node: the configuration file " + closed + mayNot,
                        "2 finemem memory-node: the keystore " + closed + mayNot,
                        "2 finemem memory-node: the password file " + closed + mayNot,
                        "2 finemem new-secret: the secret file " + closedDirectory.resolve("new")
                                + " cannot be written: this user (" + user + ") may not write to " + closedDirectory
                                + "; choose another directory");
        assertThat(outcomes.get(5))
                .startsWith("2 finemem compute-node: the service's socket cannot be made at " + closedDirectory)
                .contains("may not write to ", "set finemem.service.socket to another path");
    }

    private String[] with(String... options) {
        return Stream.concat(Stream.of("memory-node", "--transport", "shm"), Stream.of(options))
                .toArray(String[]::new);
    }
}
