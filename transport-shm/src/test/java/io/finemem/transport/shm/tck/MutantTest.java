package io.finemem.transport.shm.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectNestedMethod;

import io.finemem.tck.TransportTck;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.platform.commons.support.HierarchyTraversalMode;
import org.junit.platform.commons.support.ReflectionSupport;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** The contract tests find every fault that is put into this transport, and find none where none was put. */
class MutantTest {
    private static final Duration ORDINARY = Duration.ofSeconds(20);

    /** Faults that make somebody wait are to be found soon. */
    private static final Duration SHORT = Duration.ofSeconds(1);

    static List<Mutant> mutants() {
        return Mutant.all();
    }

    @AfterEach
    void removeFault() {
        FaultyTck.inject(Fault.NONE, ORDINARY);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mutants")
    void mutantIsKilled(Mutant mutant) {
        FaultyTck.inject(mutant.fault().get(), mutant.contract() == TransportTck.Peer.class ? ORDINARY : SHORT);
        TestExecutionSummary summary = run(selectors(mutant));
        assertThat(failedCases(summary)).containsAll(mutant.cases());
    }

    @Test
    void decorationWithoutFaultSurvives() {
        FaultyTck.inject(Fault.NONE, ORDINARY);
        TestExecutionSummary summary = run(Mutant.all().stream()
                .filter(mutant -> mutant.fault().get() != Fault.NONE)
                .filter(mutant -> mutant.contract() != TransportTck.LargeRegion.class)
                .flatMap(MutantTest::selectors));
        assertThat(summary.getFailures())
                .extracting(failure -> failure.getTestIdentifier().getDisplayName() + ": " + failure.getException())
                .isEmpty();
        assertThat(summary.getTestsSucceededCount()).isGreaterThan(Mutant.all().size());
    }

    private static TestExecutionSummary run(Stream<DiscoverySelector> selectors) {
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(selectors.distinct().toList())
                .build();
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherFactory.create().execute(request, listener);
        return listener.getSummary();
    }

    private static Stream<DiscoverySelector> selectors(Mutant mutant) {
        return mutant.cases().stream()
                .map(name -> selectNestedMethod(List.of(FaultyTck.class), mutant.contract(), method(mutant, name)));
    }

    private static Method method(Mutant mutant, String name) {
        List<Method> methods = ReflectionSupport.findMethods(
                mutant.contract(), method -> method.getName().equals(name), HierarchyTraversalMode.TOP_DOWN);
        assertThat(methods).as("cases named %s", name).hasSize(1);
        return methods.get(0);
    }

    private static Set<String> failedCases(TestExecutionSummary summary) {
        Set<String> names = new TreeSet<>();
        summary.getFailures().forEach(failure -> failure.getTestIdentifier()
                .getSource()
                .filter(org.junit.platform.engine.support.descriptor.MethodSource.class::isInstance)
                .map(org.junit.platform.engine.support.descriptor.MethodSource.class::cast)
                .ifPresent(source -> names.add(source.getMethodName())));
        return names;
    }
}
