package io.finemem.spi.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.api.InvalidConfiguration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProvidersTest {
    private static final int VERSION = 3;
    private static final Providers.Kind<Plug> KIND = new Providers.Kind<>(Plug.class, "plug", "plugs", VERSION);

    private record Plug(String name, int spiVersion) implements Provider {
        Plug(String name) {
            this(name, VERSION);
        }
    }

    private static Providers<Plug> some() {
        return Providers.of(KIND, List.of(new Plug("b"), new Plug("a")));
    }

    @Test
    void theyAreInTheOrderOfTheirNamesAndFoundByThem() {
        assertThat(some().names()).containsExactly("a", "b");
        assertThat(some().named("b")).contains(new Plug("b"));
        assertThat(some().named("c")).isEmpty();
        assertThat(some().unusable()).isEmpty();
    }

    @Test
    void unusableOnesAreToldAndHideNothing() {
        Providers<Plug> given = Providers.of(KIND, List.of(new Plug("a"), new Plug("old", 2), new Plug("a")));

        assertThat(given.all()).containsExactly(new Plug("a"));
        assertThat(given.broken())
                .containsExactly(
                        "old was built for version 2 of the plug SPI, this is 3",
                        "two plugs are named a: " + Plug.class.getName() + " is used, " + Plug.class.getName()
                                + " is not");
        assertThat(given.unusable()).startsWith("; not usable: old was built");
    }

    @Test
    void aProgramAddsItsOwnAndChangesNoOthers() {
        Providers<Plug> before = some();

        assertThat(before.with(Map.of("c", new Plug("c")))
                        .with(List.of(new Plug("d")))
                        .names())
                .containsExactly("a", "b", "c", "d");
        assertThat(before.names()).containsExactly("a", "b");
    }

    @Test
    void whatAProgramGivesAndCannotBeUsedIsAMistake() {
        assertThatThrownBy(() -> some().with(List.of(new Plug("a"))))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessage("two plugs are named a: " + Plug.class.getName() + " and " + Plug.class.getName()
                        + "; give one of them another name");
        assertThatThrownBy(() -> some().with(Map.of("mine", new Plug("yours"))))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessage("of the plugs, " + Plug.class.getName()
                        + " is given as mine, and calls itself yours: give it under its own name");
        assertThatThrownBy(() -> some().with(List.of(new Plug("old", 2))))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessage("old was built for version 2 of the plug SPI, this is 3: build it against this version");
    }
}
