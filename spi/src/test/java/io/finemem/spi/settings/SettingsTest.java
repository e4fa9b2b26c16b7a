package io.finemem.spi.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.api.InvalidConfiguration;
import io.finemem.spi.coordination.CoordinationSettings;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SettingsTest {
    private static final Set<String> KNOWN = Set.of("addresses", "password-file", "heartbeat", "lease");

    private static Settings of(String key, String value) {
        return CoordinationSettings.of("finemem.coordination.redis", Map.of(key, value));
    }

    @ParameterizedTest
    @CsvSource({"adresses,addresses", "password,password-file", "leese,lease", "heart-beat,heartbeat"})
    void unknownKeyIsRefusedWithTheNearestKnownOne(String mistyped, String meant) {
        assertThatThrownBy(() -> of(mistyped, "x").requireKnown(KNOWN))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessage("unknown key finemem.coordination.redis." + mistyped
                        + "; known keys here: addresses, heartbeat, lease, password-file; did you mean " + meant + "?");
    }

    @Test
    void unknownKeyThatIsLikeNoneGetsNoSuggestion() {
        assertThatThrownBy(() -> of("colour", "x").requireKnown(KNOWN)).hasMessageNotContaining("did you mean");
    }

    @ParameterizedTest
    @CsvSource({"500ms,500", "500 ms,500", "10s,10000", "2 m,120000", "1h,3600000", "2 seconds,2000"})
    void durationIsReadWithItsUnit(String text, long millis) {
        Duration read = of("lease", text).duration("lease", Duration.ZERO, Duration.ZERO, Duration.ofHours(1));

        assertThat(read).isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @ValueSource(strings = {"10", "-1s", "1.5s", "10 parsecs", "2h", "0s", "999999999999d", "s"})
    void badDurationIsRefusedWithTheBounds(String text) {
        assertThatThrownBy(() -> of("lease", text)
                        .duration("lease", Duration.ofSeconds(5), Duration.ofMillis(100), Duration.ofHours(1)))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessage("finemem.coordination.redis.lease = " + text
                        + " is not valid: it must be a time with its unit (ms, s, m, h) from 100ms to 1h");
    }

    @Test
    void emptyValueMeansTheDefault() {
        assertThat(of("lease", " ").duration("lease", Duration.ofSeconds(5), Duration.ZERO, Duration.ofHours(1)))
                .isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void badItemOfAListIsNamedWithKeyAndRemedy() {
        assertThatThrownBy(
                        () -> of("addresses", "a:1,b:70000").list("addresses", "", "host:port", NetworkAddress::parse))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessage("finemem.coordination.redis.addresses = a:1,b:70000 is not valid:"
                        + " port 70000 is not within 1 and 65535; it must be host:port");
    }

    @Test
    void passwordInAUrlIsNotRepeatedInTheMessage() {
        assertThatThrownBy(() -> of("addresses", "redis://app:s3cret@h:1")
                        .list("addresses", "", "host:port", NetworkAddress::parse))
                .hasMessageContaining("redis://***@h:1")
                .hasMessageContaining("a URL is not an address")
                .hasMessageNotContaining("s3cret");
    }

    @Test
    void textFormShowsKeysButNoValues() {
        assertThat(of("lease", "hidden").toString()).contains("lease").doesNotContain("hidden");
    }
}
