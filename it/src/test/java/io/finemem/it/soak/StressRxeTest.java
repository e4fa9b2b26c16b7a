package io.finemem.it.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.it.allocator.RxeTransport;
import io.finemem.runtime.stress.Stress;
import io.finemem.runtime.stress.Verdict;
import io.finemem.spi.transport.Transport;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("rxe")
class StressRxeTest {
    private static final int SECONDS = 1;

    @Test
    void softRoceDoesWhatTheProtocolAssumes() {
        try (Transport transport = RxeTransport.open()) {
            List<Verdict> verdicts = Stress.run(transport, SECONDS);
            verdicts.forEach(System.out::println);
            assertThat(verdicts)
                    .allSatisfy(verdict ->
                            assertThat(verdict.passed()).as("%s", verdict).isTrue());
        }
    }
}
