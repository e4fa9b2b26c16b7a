package io.finemem.it.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.allocator.control.Isolation;
import io.finemem.runtime.demo.ChosenTransport;
import io.finemem.runtime.soak.Soak;
import io.finemem.runtime.soak.SoakOptions;
import io.finemem.runtime.soak.SoakReport;
import io.finemem.spi.transport.Transports;
import java.util.Map;

/** Runs one kill loop and prints what it did; {@code -Dfinemem.soak.seed=N} repeats what is random in it. */
final class KillLoop {
    private KillLoop() {}

    static long seed() {
        return Long.getLong("finemem.soak.seed", System.nanoTime());
    }

    /** How many owners to kill, unless {@code finemem.soak.kills} says so. */
    static int kills(int usual) {
        return Integer.getInteger("finemem.soak.kills", usual);
    }

    static void run(String transport, SoakOptions options) {
        run(transport, Map.of(), options);
    }

    static void run(String transport, Map<String, String> settings, SoakOptions options) {
        Isolation isolation = options.isolation();
        System.out.println("kill loop on " + transport + ", " + isolation + ", seed " + options.seed());
        ChosenTransport chosen = ChosenTransport.choose(Transports.discover(), transport, Map.of(transport, settings));
        SoakReport report = new Soak(options, chosen, said -> {}).run();
        System.out.println(report.text());

        assertThat(report.killedOwners()).isGreaterThanOrEqualTo(options.kills());
        assertThat(report.stoppedProcesses()).isEqualTo(options.stops());
        assertThat(report.fencedOwners()).isGreaterThanOrEqualTo(options.stops() * options.ownersPerProcess());
        assertThat(report.poolChunks()).isEqualTo(options.poolBytes() / 4096);
        assertThat(report.checks()).isPositive();
    }
}
