package io.finemem.runtime.soak.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class FaultScheduleTest {
    private static final List<Fault> ALL = List.of(Fault.values());

    @Test
    void everyFaultHasItsTurnOnceBeforeOneHasItTwice() {
        for (long seed = 0; seed < 100; seed++) {
            FaultSchedule schedule = new FaultSchedule(ALL, 6, new Random(seed));
            assertThat(schedule.complete()).as("seed %d", seed).isFalse();

            List<Fault> first = turns(schedule, ALL.size());

            assertThat(first).as("seed %d", seed).containsExactlyInAnyOrderElementsOf(ALL);
            assertThat(schedule.complete()).as("seed %d", seed).isTrue();
        }
    }

    @Test
    void aSeedDecidesTheOrder() {
        assertThat(turns(new FaultSchedule(ALL, 3, new Random(7)), 40))
                .isEqualTo(turns(new FaultSchedule(ALL, 3, new Random(7)), 40))
                .isNotEqualTo(turns(new FaultSchedule(ALL, 3, new Random(8)), 40));
    }

    @Test
    void afterTheFirstRoundOneOfSoManyIsNoneOfAnApplicationAndAllOfThemAreDoneEquallyOften() {
        FaultSchedule schedule = new FaultSchedule(ALL, 3, new Random(1));
        turns(schedule, ALL.size());

        List<Fault> later = turns(schedule, 3 * 22);

        assertThat(later.stream().filter(fault -> fault.on() != Fault.On.APPLICATION))
                .hasSize(22);
        Stream.of(Fault.values())
                .filter(fault -> fault.on() != Fault.On.APPLICATION)
                .forEach(fault ->
                        assertThat(schedule.times(fault)).as(fault.toString()).isEqualTo(3));
    }

    @Test
    void faultsOfOneKindOnlyTakeTurns() {
        FaultSchedule services = new FaultSchedule(List.of(Fault.KILL_SERVICE, Fault.STOP_SERVICE), 6, new Random(1));
        assertThat(turns(services, 10)).containsOnly(Fault.KILL_SERVICE, Fault.STOP_SERVICE);
        assertThat(services.times(Fault.KILL_SERVICE)).isEqualTo(5);

        FaultSchedule applications = new FaultSchedule(List.of(Fault.KILL_APPLICATION), 2, new Random(1));
        assertThat(turns(applications, 10)).containsOnly(Fault.KILL_APPLICATION);
    }

    private static List<Fault> turns(FaultSchedule schedule, int count) {
        return IntStream.range(0, count).mapToObj(turn -> schedule.next()).toList();
    }
}
