package io.finemem.runtime.doctor;

import io.finemem.spi.transport.Availability;
import io.finemem.spi.transport.Transports;
import java.util.List;
import java.util.Set;

/** What each transport says of itself: the device that it would take, or why it cannot work. */
final class TransportCheck implements Check {
    private final List<Transports.Candidate> candidates;

    TransportCheck(List<Transports.Candidate> candidates) {
        this.candidates = candidates;
    }

    @Override
    public List<Finding> examine(Machine machine) {
        return candidates.stream().map(TransportCheck::finding).toList();
    }

    private static Finding finding(Transports.Candidate candidate) {
        String transport = candidate.provider().name();
        String check = "transport " + transport;
        Availability availability = candidate.availability();
        return availability.available()
                ? Finding.ok(check, availability.detail())
                : Finding.problem(check, availability.detail(), availability.hint(), Set.of(transport));
    }
}
