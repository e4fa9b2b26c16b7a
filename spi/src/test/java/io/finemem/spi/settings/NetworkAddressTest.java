package io.finemem.spi.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class NetworkAddressTest {
    @ParameterizedTest
    @ValueSource(
            strings = {"localhost:1", "10.0.0.1:65535", "mn-1.example.org:7400", "[::1]:7400", "[fe80::1%eth0]:7400"})
    void printedFormIsTheOneThatWasRead(String text) {
        assertThat(NetworkAddress.parse(text)).hasToString(text);
    }

    @Test
    void missingPortIsTheDefaultOne() {
        assertThat(NetworkAddress.parse("redis", 6379)).isEqualTo(new NetworkAddress("redis", 6379));
        assertThat(NetworkAddress.parse("[::1]", 6379)).isEqualTo(new NetworkAddress("::1", 6379));
    }

    @ParameterizedTest
    @MethodSource
    void malformedAddressIsRefusedWithTheReason(String text, String reason) {
        assertThatThrownBy(() -> NetworkAddress.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(reason);
    }

    static Stream<Arguments> malformedAddressIsRefusedWithTheReason() {
        return Stream.of(
                Arguments.of("h:0", "port 0 is not within 1 and 65535"),
                Arguments.of("h:-1", "port -1 is not within 1 and 65535"),
                Arguments.of("h:65536", "port 65536 is not within 1 and 65535"),
                Arguments.of("h", "'h' has no port"),
                Arguments.of(":7400", "':7400' is not host:port"),
                Arguments.of("h:", "'h:' is not host:port"),
                Arguments.of("h:port", "'h:port' is not host:port"),
                Arguments.of("h:99999999999", "'h:99999999999' is not host:port"),
                Arguments.of("::1:7400", "'::1:7400' is not host:port; write an IPv6 address in brackets"),
                Arguments.of("a b:1", "'a b:1' is not host:port"),
                Arguments.of("", "'' is not host:port"),
                Arguments.of("0.0.0.0:7400", "0.0.0.0 is a wildcard: nobody can connect to it, name one address"),
                Arguments.of("[::]:7400", ":: is a wildcard: nobody can connect to it, name one address"),
                Arguments.of("redis://h:1", "a URL is not an address"));
    }
}
