package io.finemem.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.api.InvalidConfiguration;
import io.finemem.spi.transport.Availability;
import io.finemem.spi.transport.Capabilities;
import io.finemem.spi.transport.TransportDescription;
import io.finemem.spi.transport.TransportProvider;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.spi.transport.Transports;
import java.lang.reflect.Modifier;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

/** The entry of a transport: found, named, probed, configured. */
abstract class ProviderContract extends Contract {
    private static final List<String> NONSENSE = List.of("?!", "-1", "999999999999999999999", "\u0000");

    private TransportProvider provider() {
        return fabric().underTest().provider();
    }

    private TransportSettings settings(Map<String, String> values) {
        return Fabric.settings(fabric().underTest(), values);
    }

    private Map<String, String> goodSettingsWith(String key, String value) {
        Map<String, String> values = new HashMap<>(fabric().underTest().servingSettings());
        values.put(key, value);
        return values;
    }

    /** The provider is registered as a service. */
    @Test
    void serviceLoaderFindsTheProvider() {
        List<Class<?>> found = ServiceLoader.load(TransportProvider.class).stream()
                .<Class<?>>map(ServiceLoader.Provider::type)
                .toList();
        assertThat(found).contains(provider().getClass());
    }

    /** The provider is a public class with a public constructor without arguments. */
    @Test
    void providerCanBeMadeByAnybody() throws ReflectiveOperationException {
        Class<? extends TransportProvider> type = provider().getClass();
        assertThat(Modifier.isPublic(type.getModifiers())).isTrue();
        assertThat(type.getConstructor().newInstance().name())
                .isEqualTo(provider().name());
    }

    /** The name is a lower-case word, and not auto. */
    @Test
    void nameIsALowerCaseWord() {
        assertThat(provider().name()).matches("[a-z][a-z0-9-]*").isNotEqualTo(Transports.AUTO);
    }

    /** The priority says what kind of device it is. */
    @Test
    void priorityIsThatOfItsKind() {
        assertThat(provider().priority()).isBetween(1, 100);
    }

    /** The provider was compiled against this SPI; the summary is one line; the keys are well formed. */
    @Test
    void providerDescribesItself() {
        assertThat(provider().spiVersion()).isEqualTo(TransportProvider.SPI_VERSION);
        assertThat(provider().summary()).isNotBlank().doesNotContain("\n");
        assertThat(provider().settingKeys()).allMatch(key -> key.matches("[a-z][a-zA-Z0-9.-]*"));
        assertThat(provider().settingKeys())
                .containsAll(fabric().underTest().settings().keySet())
                .containsAll(fabric().underTest().servingSettings().keySet());
    }

    /** Available here: the detail says on what, and there is no hint. */
    @Test
    void availabilityNamesWhatWouldBeUsed() {
        Availability availability =
                provider().availability(settings(fabric().underTest().servingSettings()));
        assertThat(availability.available()).isTrue();
        assertThat(availability.detail()).isNotBlank().doesNotContain("\n");
        assertThat(availability.hint()).isEmpty();
    }

    /** The probe throws nothing, whatever the settings are; where it says no, it says why and what to do. */
    @Test
    void availabilityNeverThrows() {
        assertProbed(Map.of("no-such-key", "1"));
        for (String key : provider().settingKeys()) {
            for (String value : NONSENSE) {
                assertProbed(goodSettingsWith(key, value));
            }
        }
        fabric().underTest().malformedSettings().forEach((key, value) -> assertProbed(goodSettingsWith(key, value)));
    }

    private void assertProbed(Map<String, String> values) {
        Availability availability = provider().availability(settings(values));
        assertThat(availability.detail()).as("detail for %s", values).isNotBlank();
        assertThat(availability.hint().isBlank()).as("no hint for %s", values).isEqualTo(availability.available());
    }

    /** A key that the transport does not know is refused by its full name. */
    @Test
    void unknownKeyIsRefusedByItsName() {
        String path = "finemem.transport." + provider().name() + ".no-such-key";
        assertThatThrownBy(() -> provider().open(settings(goodSettingsWith("no-such-key", "1"))))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageContaining(path);
    }

    /** A malformed value is refused with key and value. */
    @Test
    void malformedValueIsRefusedWithKeyAndValue() {
        Map<String, String> malformed = fabric().underTest().malformedSettings();
        Skip.unless(!malformed.isEmpty(), "the transport names no malformed settings to be tried");
        malformed.forEach((key, value) -> assertThatThrownBy(() ->
                        provider().open(settings(goodSettingsWith(key, value))).close())
                .as("%s = %s", key, value)
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageContaining("finemem.transport." + provider().name() + "." + key)
                .hasMessageContaining(value));
    }

    /** An explicit choice by name takes this provider. */
    @Test
    void explicitChoiceByNameTakesTheProvider() {
        Transports.Candidate chosen = Transports.discover()
                .choose(provider().name(), name -> settings(fabric().underTest().servingSettings()));
        assertThat(chosen.provider().getClass()).isEqualTo(provider().getClass());
    }

    /** The opened transport says what carries the operations. */
    @Test
    void descriptionNamesTransportAndDevice() {
        TransportDescription description = fabric().serving().description();
        assertThat(description.transport()).isEqualTo(provider().name());
        assertThat(description.device()).isNotBlank();
        assertThat(description.detail()).isNotBlank();
    }

    /** Capabilities do not contradict each other, and are enough for the rest of these tests. */
    @Test
    void capabilitiesAreConsistent() {
        Capabilities is = capabilities();
        assertThat(is).isEqualTo(fabric().serving().capabilities());
        assertThat(is.maxWindows() > 0).isEqualTo(is.memoryWindows());
        assertThat(is.windowKeyPeriod()).isNotNegative().isNotEqualTo(1);
        assertThat(is.memoryWindows() || !is.windowBoundsEnforced()).isTrue();
        assertThat(is.maxRegionBytes()).isGreaterThanOrEqualTo(64 << 20);
        assertThat(is.maxTransferBytes()).isGreaterThanOrEqualTo(64 << 20);
        assertThat(is.maxAtomicsInFlight()).isPositive();
        assertThat(is.maxElementsInFlight()).isGreaterThanOrEqualTo(256);
    }

    /** A transfer longer than the declared maximum is refused on the spot. */
    @Test
    void transferLongerThanDeclaredIsRefused() {
        long tooLong = capabilities().maxTransferBytes() + 1;
        Skip.unless(tooLong > 0, "there is no bound for a transfer");
        try (var chain = poster().connection().newChain(1)) {
            assertInvalid(() -> chain.write(at(0), remote.rkey(), local, 0, tooLong));
            assertThat(chain.size()).isZero();
        }
    }
}
