package io.finemem.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.finemem.runtime.control.ControlClient;
import io.finemem.runtime.control.ControlTimeouts;
import io.finemem.runtime.control.PresharedSecret;
import io.finemem.runtime.control.TestCertificates;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What daemons and an application, each a process, say of themselves with everything logged: all of it JSON, none of it a secret. */
@Timeout(120)
class DaemonLogTest {
    private static final String REDIS_PASSWORD = "hunter2-of-redis";
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    private Path directory = Path.of(".");

    private final List<AutoCloseable> started = new ArrayList<>();
    private final Map<String, String> told = new LinkedHashMap<>();
    private final List<String> secrets = new ArrayList<>();
    private String common = "";

    @BeforeEach
    void makeDirectories() throws IOException {
        common =
                "finemem { log-level = trace, log-format = json, http.port = 0, transport { name = shm, shm.directory = \""
                        + Files.createDirectory(directory.resolve("fabric")) + "\" }\n"
                        + " memory-node { pool = 8MiB, listen.port = 0 }\n"
                        + " service { socket = \"" + directory.resolve("run/service") + "\", state-directory = none }\n"
                        + " client.name = cn7 }\n";
    }

    @AfterEach
    void end() throws Exception {
        for (AutoCloseable each : started) {
            each.close();
        }
    }

    private Path privateFile(String name, String content) throws IOException {
        Path file = Files.writeString(directory.resolve(name), content);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    private JavaProcess started(JavaProcess process) {
        started.add(process);
        return process;
    }

    private JavaProcess daemon(Path file, String... command) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(command));
        arguments.addAll(List.of("-c", file.toString()));
        return started(JavaProcess.start(directory, FineMemCommand.class, arguments.toArray(String[]::new)));
    }

    /** A daemon's first line, which is its ready line. */
    private String ready(JavaProcess daemon, String node) throws Exception {
        String line = daemon.line();
        told.put("ready line of " + node, line);
        assertIsAnEvent(line, node);
        String message =
                new ObjectMapper().readTree(line).path("formattedMessage").asText();
        assertThat(message).startsWith("ready ");
        return message;
    }

    private static String word(String ready, String key) {
        return ready.replaceAll(".* " + key + "=(\\S+).*", "$1");
    }

    private static void assertIsAnEvent(String line, String node) throws IOException {
        JsonNode event = new ObjectMapper().readTree(line);
        assertThat(event.path("timestamp").asLong()).as(line).isPositive();
        for (String key : List.of("level", "threadName", "loggerName", "formattedMessage")) {
            assertThat(event.path(key).asText()).as(line).isNotEmpty();
        }
        assertThat(event.path("node").asText()).as(line).isEqualTo(node);
        assertThat(event.has("throwable")).as(line).isTrue();
    }

    private void assertLogsOnlyEvents(JavaProcess daemon, String node) throws Exception {
        daemon.terminate();
        daemon.exitCode();
        List<String> lines = new ArrayList<>(daemon.output());
        lines.addAll(daemon.errors().lines().toList());
        assertThat(lines).as(node).hasSizeGreaterThan(2);
        for (String line : lines) {
            assertIsAnEvent(line, node);
        }
        told.put("log of " + node, String.join("\n", lines));
    }

    private String metrics(String ready) throws Exception {
        URI uri = URI.create("http://" + word(ready, "http") + "/metrics");
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private void jcmd(JavaProcess daemon, String... command) throws Exception {
        List<String> words = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(), "" + daemon.pid()));
        words.addAll(List.of(command));
        Process jcmd = new ProcessBuilder(words).redirectErrorStream(true).start();
        String output = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(jcmd.waitFor()).as(output).isZero();
    }

    private String recording(JavaProcess daemon) throws Exception {
        Path file = directory.resolve("daemon.jfr");
        jcmd(daemon, "JFR.dump", "name=all", "filename=" + file);
        StringBuilder text = new StringBuilder();
        for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
            text.append(event).append('\n');
        }
        assertThat(text).hasSizeGreaterThan(1000);
        return text.toString();
    }

    private static String shownConfiguration(Path file) {
        StringWriter out = new StringWriter();
        int code = FineMemCommand.execute(
                new PrintWriter(out, true), new PrintWriter(out, true), "config", "show", "-c", file.toString());
        assertThat(code).as(out.toString()).isZero();
        return out.toString();
    }

    private void secretBytes(byte[] key) {
        secrets.add(Base64.getEncoder().withoutPadding().encodeToString(key));
        secrets.add(HexFormat.of().formatHex(key));
    }

    private void assertNoSecretIsTold() {
        assertThat(told).hasSizeGreaterThan(4);
        for (String secret : secrets) {
            told.forEach((where, text) -> assertThat(text.contains(secret))
                    .as("%s shows %s", where, secret)
                    .isFalse());
        }
    }

    /** A key of memory is a small number, which may be anywhere; but nowhere as a key. */
    private void assertKeyIsNotTold(int key) {
        String numbers = key + "|" + Integer.toUnsignedString(key) + "|" + Integer.toHexString(key);
        Pattern shown = Pattern.compile("key[^0-9\\n]{0,12}(" + numbers + ")(?![0-9a-f])", Pattern.CASE_INSENSITIVE);
        told.forEach((where, text) -> assertThat(shown.matcher(text).find())
                .as("%s shows the key of metadata, %s", where, numbers)
                .isFalse());
    }

    @Test
    @Tag("slow")
    void withASharedSecretAndADirectoryOnRedis() throws Exception {
        RedisProcess redis = RedisProcess.start(directory, "--requirepass", REDIS_PASSWORD);
        started.add(redis);
        Path secret = directory.resolve("secret");
        PresharedSecret.create(secret);
        Path password = privateFile("redis-password", REDIS_PASSWORD + "\n");
        secrets.add(REDIS_PASSWORD);
        secretBytes(Base64.getDecoder().decode(Files.readString(secret).strip()));
        String all = common + "finemem { secret-file = \"" + secret + "\", coordination { provider = redis, redis {"
                + " addresses = \"" + redis.address() + "\", password-file = \"" + password
                + "\", insecure = true, heartbeat = 100ms, timeout = 500ms, lease = 2s } } }\n";
        Path file = Files.writeString(directory.resolve("all.conf"), all);

        JavaProcess node = daemon(file, "memory-node");
        String nodeReady = ready(node, "mn0");
        jcmd(node, "JFR.start", "name=all", "+io.finemem.Allocation#enabled=true");
        JavaProcess service = daemon(file, "compute-node");
        String serviceReady = ready(service, "cn7");
        int port = Integer.parseInt(word(nodeReady, "address").replaceAll(".*:", ""));
        int key = metadataKey(port, secret);
        allocate("owner", all);
        allocate("application of the service", common + "finemem.client.through = service");

        redis.kill();
        await().atMost(LIMIT)
                .until(() -> node.errors().contains("the directory is lost")
                        && service.errors().contains("the directory is lost"));
        told.put("metrics of mn0", metrics(nodeReady));
        told.put("metrics of cn7", metrics(serviceReady));
        told.put("flight recording of mn0", recording(node));
        told.put("configuration", shownConfiguration(file));
        assertLogsOnlyEvents(service, "cn7");
        assertLogsOnlyEvents(node, "mn0");
        assertNoSecretIsTold();
        assertKeyIsNotTold(key);
    }

    private int metadataKey(int port, Path secret) throws Exception {
        ControlTimeouts timeouts = new ControlTimeouts(LIMIT, LIMIT, Duration.ofSeconds(1));
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        try (ControlClient client = ControlClient.connect(address, PresharedSecret.load(secret), "test", timeouts)) {
            return client.describe().metadataRkey();
        }
    }

    private void allocate(String name, String configuration) throws Exception {
        JavaProcess client = started(JavaProcess.start(directory, TracedClient.class, configuration));
        assertThat(client.line()).as(client.errors()).isEqualTo("holding 20480");
        client.endInput();
        assertThat(client.exitCode()).as(client.errors()).isZero();
        assertThat(client.errors()).as("it logs").isNotEmpty();
        told.put("log of the " + name, client.errors() + String.join("\n", client.output()));
    }

    @Test
    @Tag("slow")
    void withCertificates() throws Exception {
        TestCertificates certificates = new TestCertificates(directory);
        certificates.make("mn0", "CN=mn0");
        certificates.make("cn7", "CN=cn7");
        secrets.add(TestCertificates.PASSWORD);
        for (String name : List.of("mn0", "cn7")) {
            certificates
                    .pemKey(name)
                    .lines()
                    .filter(line -> !line.startsWith("-"))
                    .forEach(secrets::add);
        }
        Path trust = certificates.trusting("mn0", "cn7");
        Path ofNode = Files.writeString(directory.resolve("mn0.conf"), common + tls(certificates, "mn0", trust));
        JavaProcess node = daemon(ofNode, "memory-node");
        String client = common + tls(certificates, "cn7", trust)
                + "finemem.client.memory-nodes = [ { name = mn0, address = \"" + word(ready(node, "mn0"), "address")
                + "\" } ]";
        Path ofService = Files.writeString(directory.resolve("cn7.conf"), client);
        JavaProcess service = daemon(ofService, "compute-node");
        ready(service, "cn7");
        allocate("owner", client);
        told.put("configuration", shownConfiguration(ofService));
        assertLogsOnlyEvents(service, "cn7");
        assertLogsOnlyEvents(node, "mn0");
        assertNoSecretIsTold();
    }

    private static String tls(TestCertificates certificates, String name, Path trust) {
        return "finemem.control { security = tls, tls { keystore = \"" + certificates.store(name)
                + "\", keystore-password-file = \"" + certificates.password() + "\", truststore = \"" + trust
                + "\", truststore-password-file = \"" + certificates.password() + "\" } }\n";
    }

    @Test
    void aFailureIsOneLineWithItsException() throws Exception {
        PresharedSecret.create(directory.resolve("secret"));
        Path file = Files.writeString(
                directory.resolve("node.conf"),
                common + "finemem { secret-file = \"" + directory.resolve("secret")
                        + "\", transport.shm.directory = /no/such/directory }");
        JavaProcess node = daemon(file, "--verbose", "memory-node");
        assertThat(node.exitCode()).isEqualTo(FineMemCommand.USAGE);
        assertThat(node.output()).isEmpty();
        List<String> lines = node.errors().lines().toList();
        for (String line : lines) {
            assertIsAnEvent(line, "mn0");
        }
        JsonNode failure = new ObjectMapper().readTree(lines.get(lines.size() - 1));
        assertThat(failure.path("level").asText()).isEqualTo("ERROR");
        assertThat(failure.path("formattedMessage").asText())
                .startsWith("finemem memory-node: finemem.transport.shm.directory = /no/such/directory is not valid");
        assertThat(failure.path("throwable").path("className").asText())
                .isEqualTo("io.finemem.api.InvalidConfiguration");
        assertThat(failure.path("throwable").path("stepArray").size()).isPositive();
    }
}
