package io.finemem.spi.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.api.InvalidConfiguration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TransportsTest {
    private static final Availability WORKS = Availability.available("device x0");
    private static final Availability BROKEN = Availability.unavailable("no device", "plug one in");

    private record Provider(String name, int priority, int spiVersion, Availability probed)
            implements TransportProvider {
        Provider(String name, int priority, Availability probed) {
            this(name, priority, SPI_VERSION, probed);
        }

        @Override
        public String summary() {
            return name;
        }

        @Override
        public Set<String> settingKeys() {
            return Set.of();
        }

        @Override
        public Availability availability(TransportSettings settings) {
            return settings.text("broken", "").isEmpty() ? probed : BROKEN;
        }

        @Override
        public Transport open(TransportSettings settings) {
            throw new AssertionError("choosing opens nothing");
        }
    }

    private static String chosen(String name, TransportProvider... providers) {
        return Transports.of(List.of(providers))
                .choose(name, transport -> TransportSettings.empty())
                .provider()
                .name();
    }

    @Test
    void explicitNameBeatsPriority() {
        assertThat(chosen("slow", new Provider("fast", 100, WORKS), new Provider("slow", 1, WORKS)))
                .isEqualTo("slow");
    }

    @Test
    void namedTransportThatDoesNotWorkIsNeverReplacedByAnother() {
        assertThatThrownBy(() -> chosen("fast", new Provider("fast", 100, BROKEN), new Provider("slow", 1, WORKS)))
                .isInstanceOf(TransportUnavailable.class)
                .hasMessageContaining("transport fast does not work here: no device; plug one in")
                .hasMessageContaining("slow (available: device x0)");
    }

    @Test
    void unknownNameListsWhatThereIsAndWhyOthersDoNotWork() {
        assertThatThrownBy(() -> chosen("ufo", new Provider("fast", 100, BROKEN), new Provider("slow", 1, WORKS)))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageContaining("there is no transport named ufo")
                .hasMessageContaining("fast (not available: no device; plug one in)")
                .hasMessageContaining("slow (available: device x0)");
    }

    @Test
    void autoTakesTheAvailableOneOfHighestPriority() {
        TransportProvider fast = new Provider("fast", 100, BROKEN);
        TransportProvider middle = new Provider("middle", 50, WORKS);
        TransportProvider slow = new Provider("slow", 10, WORKS);

        assertThat(chosen(Transports.AUTO, slow, middle, fast)).isEqualTo("middle");
    }

    @Test
    void equalPrioritiesAreDecidedByNameSoThatEveryRunChoosesAlike() {
        assertThat(chosen(Transports.AUTO, new Provider("b", 5, WORKS), new Provider("a", 5, WORKS)))
                .isEqualTo("a");
    }

    @Test
    void autoFailsWithAllCausesWhenNothingWorks() {
        assertThatThrownBy(() -> chosen(Transports.AUTO, new Provider("a", 5, BROKEN), new Provider("b", 5, BROKEN)))
                .isInstanceOf(TransportUnavailable.class)
                .hasMessageContaining("a (not available: no device; plug one in)")
                .hasMessageContaining("b (not available");
    }

    @Test
    void providerOfAnotherSpiVersionIsRefusedAndNamed() {
        Transports transports = Transports.of(List.of(new Provider("old", 5, 0, WORKS)));

        assertThat(transports.candidates(name -> TransportSettings.empty())).isEmpty();
        assertThat(transports.broken()).singleElement().asString().contains("old was built for version 0");
    }

    @Test
    void secondProviderOfANameIsNamedAndNotUsed() {
        Transports transports = Transports.of(List.of(new Provider("a", 5, WORKS), new Provider("a", 6, WORKS)));

        assertThat(transports.candidates(name -> TransportSettings.empty())).hasSize(1);
        assertThat(transports.broken()).singleElement().asString().contains("two transports are named a");
    }

    @Test
    void eachTransportIsProbedWithItsOwnSettings() {
        TransportProvider fast = new Provider("fast", 100, WORKS);
        TransportProvider slow = new Provider("slow", 10, WORKS);

        String chosen = Transports.of(List.of(fast, slow))
                .choose(
                        Transports.AUTO,
                        name -> TransportSettings.of(name, name.equals("fast") ? Map.of("broken", "yes") : Map.of()))
                .provider()
                .name();

        assertThat(chosen).isEqualTo("slow");
    }
}
