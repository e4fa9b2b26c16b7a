package io.finemem.transport.verbs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.api.InvalidConfiguration;
import io.finemem.spi.memory.HugePages;
import io.finemem.spi.transport.Availability;
import io.finemem.spi.transport.TransportProvider;
import io.finemem.spi.transport.TransportSettings;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VerbsSettingsTest {
    private static final String PREFIX = "finemem.transport.verbs";

    @Test
    void emptySettingsChooseEverythingAutomatically() {
        VerbsSettings settings = of(Map.of());
        assertThat(settings.namesDevice()).isFalse();
        assertThat(settings.port()).isEqualTo(VerbsSettings.AUTOMATIC);
        assertThat(settings.gidIndex()).isEqualTo(VerbsSettings.AUTOMATIC);
        assertThat(settings.mtuCode()).isEqualTo(VerbsSettings.AUTOMATIC);
        assertThat(settings.hugepages().need()).isEqualTo(HugePages.Need.NONE);
    }

    @ParameterizedTest
    @CsvSource({"256,1", "512,2", "1024,3", "2048,4", "4096,5"})
    void mtuIsGivenInBytes(String bytes, int code) {
        assertThat(of(Map.of("mtu", bytes)).mtuCode()).isEqualTo(code);
        assertThat(VerbsSettings.mtuBytes(code)).hasToString(bytes);
    }

    @ParameterizedTest
    @CsvSource({
        "port,0",
        "port,256",
        "port,one",
        "gid-index,-1",
        "gid-index,256",
        "mtu,1500",
        "mtu,128",
        "mtu,8192",
        "timeout,0",
        "timeout,32",
        "retry-count,-1",
        "retry-count,7",
        "queue-depth,8",
        "queue-depth,100",
        "queue-depth,131072",
        "reads-in-flight,0",
        "reads-in-flight,256",
        "traffic-class,256",
        "hugepages,yes"
    })
    void malformedValueIsNamedWithItsKey(String key, String value) {
        assertThatThrownBy(() -> of(Map.of(key, value)))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageStartingWith(PREFIX + "." + key + " = " + value + " is not valid: it must be ");
    }

    @Test
    void unknownKeyIsNamedBesideTheKnownOnes() {
        assertThatThrownBy(() -> of(Map.of("devise", "mlx5_0")))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageContaining(PREFIX + ".devise")
                .hasMessageContaining("device, gid-index");
    }

    @Test
    void availabilityNamesCauseAndHintAndThrowsNothing() {
        TransportProvider provider = new VerbsProvider();
        for (Map<String, String> values :
                java.util.List.of(Map.of("device", "no_such_0"), Map.of("mtu", "7"), Map.of("unknown", "1"))) {
            Availability availability = provider.availability(TransportSettings.of(PREFIX, values));
            assertThat(availability.available()).isFalse();
            assertThat(availability.detail())
                    .contains(values.keySet().iterator().next());
            assertThat(availability.hint()).isNotBlank();
        }
    }

    @Test
    void openRefusesADeviceThatDoesNotExist() {
        TransportSettings settings = TransportSettings.of(PREFIX, Map.of("device", "no_such_0"));
        assertThatThrownBy(() -> new VerbsProvider().open(settings))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageContaining("no_such_0");
    }

    @Test
    void providerIsFoundByTheServiceLoader() {
        assertThat(ServiceLoader.load(TransportProvider.class))
                .anySatisfy(provider -> assertThat(provider).isInstanceOf(VerbsProvider.class));
    }

    private static VerbsSettings of(Map<String, String> values) {
        return VerbsSettings.of(TransportSettings.of(PREFIX, values), VerbsSettings.KEYS);
    }
}
