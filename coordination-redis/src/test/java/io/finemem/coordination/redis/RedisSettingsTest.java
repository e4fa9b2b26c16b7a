package io.finemem.coordination.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.api.InvalidConfiguration;
import io.finemem.spi.coordination.CoordinationSettings;
import io.finemem.spi.settings.NetworkAddress;
import io.finemem.spi.transport.Availability;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RedisSettingsTest {
    private static final String PREFIX = "finemem.coordination.redis";

    @TempDir
    private Path folder;

    private static CoordinationSettings settings(String... keysAndValues) {
        Map<String, String> values = new HashMap<>(Map.of("insecure", "true"));
        for (int i = 0; i < keysAndValues.length; i += 2) {
            values.put(keysAndValues[i], keysAndValues[i + 1]);
        }
        return CoordinationSettings.of(PREFIX, values);
    }

    private static void assertRefused(CoordinationSettings settings, String message) {
        assertThatThrownBy(() -> RedisSettings.read(settings))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessage(message);
        Availability availability = new RedisCoordinationProvider().availability(settings);
        assertThat(availability.available()).isFalse();
        assertThat(availability.detail()).isEqualTo(message);
        assertThat(availability.hint()).isNotBlank();
    }

    private Path file(String name, String content, String rights) throws IOException {
        Path file = Files.writeString(folder.resolve(name), content);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(rights));
    }

    @Test
    void defaultsAreAServerOnThisMachineWithALeaseOfTenSeconds() {
        RedisSettings read = RedisSettings.read(settings());

        assertThat(read.addresses()).containsExactly(new NetworkAddress("127.0.0.1", 6379));
        assertThat(read.lease()).isEqualTo(Duration.ofSeconds(10));
        assertThat(read.heartbeat()).isEqualTo(Duration.ofSeconds(2));
        assertThat(read.prefix()).isEqualTo("finemem");
    }

    @Test
    void portsThatAreLeftOutAreThoseOfTheMode() {
        RedisSettings sentinel =
                RedisSettings.read(settings("mode", "sentinel", "sentinel-primary", "p", "addresses", "a, [::1], c:7"));
        RedisSettings cluster = RedisSettings.read(settings("mode", "cluster", "addresses", "a,b"));

        assertThat(sentinel.addresses()).hasToString("[a:26379, [::1]:26379, c:7]");
        assertThat(cluster.addresses()).hasToString("[a:6379, b:6379]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "mode | sentinels | must be one of standalone, sentinel, cluster",
                "addresses | h:0 | port 0 is not within 1 and 65535; it must be host:port, separated by commas",
                "addresses | h:65536 | port 65536 is not within 1 and 65535; it must be host:port, separated by commas",
                "addresses | h:x | 'h:x' is not host:port; it must be host:port, separated by commas",
                "addresses | h,,i | '' is not host:port; it must be host:port, separated by commas",
                "addresses | redis://h:1 | a URL is not an address; it must be host:port, separated by commas",
                "prefix | a{b} | 1 to 64 characters of A-Z a-z 0-9 . _ - that begin with a letter or digit",
                "prefix | a b | 1 to 64 characters of A-Z a-z 0-9 . _ - that begin with a letter or digit",
                "timeout | 0s | it must be a time with its unit (ms, s, m, h) from 20ms to 60s",
                "timeout | 5 | it must be a time with its unit (ms, s, m, h) from 20ms to 60s",
                "heartbeat | 2m | it must be a time with its unit (ms, s, m, h) from 20ms to 60s",
                "retention | 0s | it must be a time with its unit (ms, s, m, h) from 1s to 8760h",
                "insecure | yes | must be true or false",
                "tls | 1 | must be true or false",
            })
    void badValueIsRefusedWithKeyValueAndRemedy(String key, String value, String reason) {
        assertThatThrownBy(() -> RedisSettings.read(settings(key, value)))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageStartingWith(PREFIX + "." + key + " = " + value + " is not valid: ")
                .hasMessageEndingWith(reason);
    }

    @Test
    void leaseNearTheHeartbeatIsRefused() {
        assertRefused(
                settings("heartbeat", "2s", "lease", "5s"),
                PREFIX + ".lease = 5000ms is not valid: it must be at least 3 times " + PREFIX
                        + ".heartbeat = 2000ms, so that one lost heartbeat ends nothing");
    }

    @Test
    void severalAddressesNeedAModeThatUsesThem() {
        assertRefused(
                settings("addresses", "a,b"),
                PREFIX + ".addresses = a,b is not valid: it must be one address with " + PREFIX
                        + ".mode = standalone; several need sentinel or cluster");
    }

    @Test
    void sentinelsNeedTheNameOfThePrimary() {
        assertRefused(
                settings("mode", "sentinel"),
                PREFIX + ".sentinel-primary is missing: with " + PREFIX
                        + ".mode = sentinel it must be the name that the sentinels have for the primary");
    }

    @Test
    void passwordInTheConfigurationItselfIsNotAKey() {
        assertThatThrownBy(() -> RedisSettings.read(settings("password", "s3cret")))
                .hasMessageStartingWith("unknown key " + PREFIX + ".password; known keys here: addresses, ")
                .hasMessageEndingWith("did you mean password-file?")
                .hasMessageNotContaining("s3cret");
    }

    @Test
    void openDirectoryIsRefusedUnlessAccepted() {
        assertRefused(
                CoordinationSettings.of(PREFIX, Map.of()),
                "the directory on Redis would be open to others on the network: no password (" + PREFIX
                        + ".password-file), no TLS (" + PREFIX + ".tls); set what is missing, or " + PREFIX
                        + ".insecure = true to accept it");
    }

    @Test
    void openDirectoryIsRefusedForTheMissingHalfOnly() throws IOException {
        Path password = file("password", "s3cret", "rw-------");

        assertRefused(
                settings("insecure", "false", "password-file", password.toString()),
                "the directory on Redis would be open to others on the network: no TLS (" + PREFIX
                        + ".tls); set what is missing, or " + PREFIX + ".insecure = true to accept it");
    }

    @Test
    void userWithoutPasswordIsRefused() {
        assertRefused(
                settings("user", "finemem"),
                PREFIX + ".user = finemem needs a password: name its file in " + PREFIX
                        + ".password-file, or an environment variable in " + PREFIX + ".password-variable");
    }

    @Test
    void badPasswordFileIsRefusedWithTheReason() throws IOException {
        String key = PREFIX + ".password-file = ";
        Path missing = folder.resolve("missing");
        Path open = file("open", "s3cret", "rw-r--r--");
        Path empty = file("empty", "\n", "rw-------");
        Path lines = file("lines", "one\ntwo\n", "rw-------");
        Path large = file("large", "x".repeat(70_000), "rw-------");

        assertRefused(settings("password-file", missing.toString()), key + missing + " does not exist");
        assertRefused(settings("password-file", folder.toString()), key + folder + " is not a file");
        assertRefused(
                settings("password-file", open.toString()),
                key + open + " can be read by everybody; chmod 600 " + open);
        assertRefused(
                settings("password-file", empty.toString()), key + empty + " is empty; write the password into it");
        assertRefused(
                settings("password-file", lines.toString()),
                key + lines + " has several lines; it must hold the password only");
        assertRefused(
                settings("password-file", large.toString()),
                key + large + " is larger than 65536 bytes, is it the right one?");
    }

    @Test
    void passwordMayBeInTheEnvironmentAndIsNeverShown() {
        RedisSettings read = RedisSettings.read(
                settings("user", "finemem", "password-variable", "DIRECTORY_PASSWORD"),
                Map.of("DIRECTORY_PASSWORD", "s3cret")::get);

        assertThat(read.credentials().password()).isEqualTo("s3cret");
        assertThat(read.toString()).doesNotContain("s3cret").contains("user=finemem password=***");
    }

    @Test
    void passwordInAVariableThatIsNotSetOrInTwoPlacesIsRefused() {
        assertRefused(
                settings("password-variable", "NO_SUCH_VARIABLE"),
                PREFIX + ".password-variable = NO_SUCH_VARIABLE: there is no such environment variable, or it is empty;"
                        + " set it");
        assertRefused(
                settings("password-variable", "PATH", "password-file", "/etc/passwd"),
                PREFIX + ".password-file and " + PREFIX + ".password-variable are both given: the password is in one"
                        + " place, leave the other one empty");
    }

    @Test
    void passwordIsReadWithoutTheEndOfItsLineAndNeverShown() throws IOException {
        Path password = file("password", "s3cret\n", "rw-------");
        RedisSettings read = RedisSettings.read(settings("user", "finemem", "password-file", password.toString()));

        assertThat(read.credentials().password()).isEqualTo("s3cret");
        assertThat(read.toString() + read.credentials() + read.place())
                .doesNotContain("s3cret")
                .contains("finemem");
    }

    @Test
    void tlsFileWithoutTlsIsRefused() {
        assertRefused(
                settings("tls-ca-file", "/ca.pem"),
                PREFIX + ".tls-ca-file is given, but " + PREFIX + ".tls = false: set it to true or remove the file");
    }

    @Test
    void certificateWithoutItsKeyIsRefused() {
        assertRefused(
                settings("tls", "true", "tls-certificate-file", "/c.pem"),
                PREFIX + ".tls-certificate-file and " + PREFIX + ".tls-key-file must be given together");
    }

    @Test
    void fileThatIsNoCertificateIsRefused() throws IOException {
        Path empty = file("empty.pem", "", "rw-r--r--");
        Path other = file("other.pem", "-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n", "rw-r--r--");

        assertRefused(
                settings("tls", "true", "tls-ca-file", empty.toString()),
                PREFIX + ".tls-ca-file = " + empty
                        + " is not valid: it must be a PEM file with a certificate; it has none");
        assertThatThrownBy(() -> RedisSettings.read(settings("tls", "true", "tls-ca-file", other.toString())))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageStartingWith(PREFIX + ".tls-ca-file = " + other + " is not a valid certificate: ");
    }
}
