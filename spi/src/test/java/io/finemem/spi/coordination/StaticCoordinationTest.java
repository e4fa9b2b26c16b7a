package io.finemem.spi.coordination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.api.InvalidConfiguration;
import io.finemem.spi.settings.NetworkAddress;
import io.finemem.spi.transport.Availability;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class StaticCoordinationTest {
    private static final String KEY = "finemem.coordination.static.memory-nodes";

    private static CoordinationSettings listed(String nodes) {
        return CoordinationSettings.of("finemem.coordination.static", Map.of("memory-nodes", nodes));
    }

    private static Coordination open(String nodes) {
        return CoordinationProviders.discover().named("static").open(listed(nodes));
    }

    @Test
    void listedNodesAreTheView() {
        try (Coordination coordination = open("mn1=10.0.0.1:7400, mn2=[::1]:7400,host:7401")) {
            assertThat(coordination.view().memoryNodes().keySet()).containsExactly("host:7401", "mn1", "mn2");
            assertThat(coordination.view().memoryNode("mn2"))
                    .map(MemoryNodeEntry::controlAddress)
                    .contains(new NetworkAddress("::1", 7400));
            assertThat(coordination.view().serving()).hasSize(3);
        }
    }

    @Test
    void emptyListIsAnEmptyCluster() {
        try (Coordination coordination = open("")) {
            assertThat(coordination.view().memoryNodes()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource
    void badListIsRefusedInOneLine(String nodes, String message) {
        assertThatThrownBy(() -> open(nodes))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessage(message);
        Availability availability = new StaticCoordinationProvider().availability(listed(nodes));
        assertThat(availability.available()).isFalse();
        assertThat(availability.detail()).isEqualTo(message);
    }

    static Stream<Arguments> badListIsRefusedInOneLine() {
        String form = "; it must be name=host:port, separated by commas";
        return Stream.of(
                Arguments.of("mn1=h", KEY + " = mn1=h is not valid: 'h' has no port" + form),
                Arguments.of("mn1=h:1,", KEY + " = mn1=h:1, is not valid: '' is not host:port" + form),
                Arguments.of(
                        "m n=h:1",
                        KEY + " = m n=h:1 is not valid: 'm n' is not a name of 1 to 64 characters A-Z a-z 0-9 . _ : @ -"
                                + form),
                Arguments.of(
                        "mn1=h:1,mn1=h:2", KEY + " lists mn1 twice; each memory node has its own name and address"),
                Arguments.of(
                        "mn1=h:1,mn2=h:1", KEY + " lists h:1 twice; each memory node has its own name and address"));
    }

    @Test
    void unknownKeyIsRefusedWithTheKnownOne() {
        CoordinationSettings settings = CoordinationSettings.of("c", Map.of("memory-node", "mn1=h:1"));

        assertThatThrownBy(() -> new StaticCoordinationProvider().open(settings))
                .hasMessage("unknown key c.memory-node; known keys here: memory-nodes; did you mean memory-nodes?");
    }

    @Test
    void unknownProviderIsRefusedWithTheKnownOnes() {
        assertThatThrownBy(() -> CoordinationProviders.discover().named("etcd"))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessage("there is no coordination provider named etcd; there are: static");
    }
}
