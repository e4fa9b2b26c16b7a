package io.finemem.runtime.doctor;

import io.finemem.runtime.config.TransportChoice;
import io.finemem.spi.transport.Transports;
import java.util.List;

/** Examines this machine. */
public final class Doctor {
    private final Machine machine;

    /** Of the machine that this runs on. */
    public Doctor() {
        this(Machine.thisOne());
    }

    Doctor(Machine machine) {
        this.machine = machine;
    }

    /**
     * Runs all checks; takes about a second at most and changes nothing.
     *
     * @param transports all transports there are
     * @param choice the transport as configured
     * @param poolBytes length of the pool as configured
     * @throws io.finemem.api.InvalidConfiguration if there is no transport of that name
     */
    public Diagnosis examine(Transports transports, TransportChoice choice, long poolBytes) {
        List<Transports.Candidate> candidates = transports.candidates(choice::settingsOf);
        requireKnown(transports, candidates, choice);
        String transport = chosen(candidates, choice);
        List<Finding> findings = checks(candidates, poolBytes).stream()
                .flatMap(check -> check.examine(machine).stream())
                .map(finding -> finding.forTransport(transport))
                .toList();
        return new Diagnosis(transport, choice.name(), findings);
    }

    /** One that does not exist is not examined: choosing it says which there are. */
    private static void requireKnown(
            Transports transports, List<Transports.Candidate> candidates, TransportChoice choice) {
        boolean known = choice.name().equals(Transports.AUTO)
                || candidates.stream()
                        .anyMatch(candidate -> candidate.provider().name().equals(choice.name()));
        if (!known) {
            transports.choose(choice.name(), choice::settingsOf);
        }
    }

    private static String chosen(List<Transports.Candidate> candidates, TransportChoice choice) {
        boolean automatic = choice.name().equals(Transports.AUTO);
        return candidates.stream()
                .filter(candidate -> automatic
                        ? candidate.availability().available()
                        : candidate.provider().name().equals(choice.name()))
                .map(candidate -> candidate.provider().name())
                .findFirst()
                .orElse("");
    }

    private static List<Check> checks(List<Transports.Candidate> candidates, long poolBytes) {
        return List.of(
                new TransportCheck(candidates),
                new LibraryCheck(),
                new RdmaDeviceCheck(),
                new LockedMemoryCheck(poolBytes),
                new SharedMemoryCheck(poolBytes),
                new HugePageCheck(),
                new SoftRdmaCheck(),
                new GuestCheck(),
                new RedisCheck(),
                new DockerCheck(),
                new JvmCheck());
    }
}
