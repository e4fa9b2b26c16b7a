package io.finemem.runtime.stress;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.transport.shm.ShmTransportProvider;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StressTest {
    private static final int SECONDS = 1;
    private static final int MOST_SECONDS = 16;

    private final Transport real = new ShmTransportProvider().open(TransportSettings.empty());

    @AfterEach
    void close() {
        real.close();
    }

    @Test
    void sharedMemoryDoesWhatIsAssumed() {
        assertThat(Stress.run(real, SECONDS)).hasSize(6).allSatisfy(verdict -> {
            assertThat(verdict.passed()).as("%s", verdict).isTrue();
            assertThat(verdict.operations()).isPositive();
            assertThat(verdict.done()).isNotEmpty();
        });
    }

    @Test
    void wrappedTransportWithoutAFaultPasses() {
        Transport wrapped = BrokenTransport.of(real, BrokenTransport.Fault.NONE);
        assertThat(verdict(wrapped, OrderStress::run).result()).isEqualTo(Verdict.Result.HOLDS);
        assertThat(verdict(wrapped, AtomicsStress::atomicToEachOther).result()).isEqualTo(Verdict.Result.HOLDS);
    }

    @Test
    void elementsOutOfOrderAreSeen() {
        refuted(BrokenTransport.Fault.REVERSED, OrderStress::run, "A1", "of a chain before element");
    }

    @Test
    void atomicsThatExecuteTwiceAreSeen() {
        refuted(BrokenTransport.Fault.ATOMIC_TWICE, AtomicsStress::atMostOnce, "A2", "were counted");
    }

    @Test
    void tornWordsAreNotedAndNoReasonToRefuseTheDevice() {
        Verdict verdict = verdict(BrokenTransport.of(real, BrokenTransport.Fault.TORN), TearingStress::run);
        assertThat(verdict.result()).as("%s", verdict).isEqualTo(Verdict.Result.NOTED);
        assertThat(verdict.detail()).contains("torn words were seen");
        assertThat(verdict.remedy()).isNotEmpty();
        assertThat(verdict.passed()).isTrue();
    }

    @Test
    void atomicsThatAreNotAtomicAreSeen() {
        refuted(BrokenTransport.Fault.NOT_ATOMIC, AtomicsStress::atomicToEachOther, "A3", "the word counts");
    }

    @Test
    void operationsOfADestroyedConnectionAreSeen() {
        refuted(BrokenTransport.Fault.NOT_DESTROYED, FenceStress::run, "A4", "after its connection was destroyed");
    }

    private void refuted(
            BrokenTransport.Fault fault, BiFunction<Bench, Integer, Verdict> stress, String assumption, String text) {
        Verdict verdict = longEnough(BrokenTransport.of(real, fault), stress);
        assertThat(verdict.result()).as("%s", verdict).isEqualTo(Verdict.Result.VIOLATED);
        assertThat(verdict.assumption()).isEqualTo(assumption);
        assertThat(verdict.detail()).contains(text);
        assertThat(verdict.remedy()).isNotEmpty();
        assertThat(verdict.passed()).isFalse();
    }

    /** A fault shows by chance, and on a busy machine little happens in a second. */
    private static Verdict longEnough(Transport transport, BiFunction<Bench, Integer, Verdict> stress) {
        int seconds = SECONDS;
        Verdict verdict = stress.apply(new Bench(transport), seconds);
        while (verdict.passed() && seconds < MOST_SECONDS) {
            seconds *= 2;
            verdict = stress.apply(new Bench(transport), seconds);
        }
        return verdict;
    }

    /** The domain of a connection that is not destroyed cannot be closed: the transport does it in the end. */
    private static Verdict verdict(Transport transport, BiFunction<Bench, Integer, Verdict> stress) {
        return stress.apply(new Bench(transport), SECONDS);
    }
}
