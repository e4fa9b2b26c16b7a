package io.finemem.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.finemem.spi.transport.TransportProvider;
import io.finemem.spi.transport.Transports;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class ReferenceTest {

    /**
     * Each line that sets a key or opens a section has a comment above it, or above the group of lines that it is
     * part of.
     */
    @Test
    void everyKeyIsCommented() throws IOException {
        boolean commented = false;
        for (String line : reference().lines().map(String::strip).toList()) {
            if (line.startsWith("#")) {
                commented = true;
            } else if (line.isEmpty()) {
                commented = false;
            } else if (line.contains("=")) {
                assertThat(commented).as("comment of: %s", line).isTrue();
            }
        }
    }

    @TestFactory
    List<DynamicTest> settingsOfEachTransportAreThereAndAreItsDefaults() {
        FineMemConfig defaults =
                FineMemConfig.of(ConfigFactory.empty(), Transports.discover().providers());
        return Transports.discover().providers().stream()
                .map(provider -> DynamicTest.dynamicTest(provider.name(), () -> {
                    assertThat(ConfigFactory.defaultReference()
                                    .getObject("finemem.transport." + provider.name())
                                    .keySet())
                            .isEqualTo(provider.settingKeys());
                    requireValid(provider, defaults.transport());
                }))
                .toList();
    }

    private static void requireValid(TransportProvider provider, TransportChoice defaults) {
        assertThat(provider.availability(defaults.settingsOf(provider.name())).detail())
                .doesNotContain("is not valid")
                .doesNotContain("unknown key");
    }

    @Test
    void theSharedMemoryTransportIsOnTheClassPath() {
        assertThat(Transports.discover().providers())
                .extracting(TransportProvider::name)
                .contains("shm");
        assertThat(Transports.discover().broken()).isEmpty();
    }

    private static String reference() throws IOException {
        try (InputStream in = Objects.requireNonNull(ReferenceTest.class.getResourceAsStream("/reference.conf"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
