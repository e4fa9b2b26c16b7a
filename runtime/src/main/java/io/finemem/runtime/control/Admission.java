package io.finemem.runtime.control;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Which connections a memory node serves. Strangers and sessions are counted apart, so that a flood of strangers
 * takes no
 * place from a session; among the strangers the oldest from the address with the most of them gives way, because an honest
 * one is done in milliseconds, and no address keeps another one out.
 *
 * <p>Invariant: {@code strangers <= maxStrangers} and {@code sessions <= maxSessions}. Thread-safe.
 *
 * @param <C> a connection, by identity
 */
final class Admission<C> {
    enum Verdict {
        ADMITTED,
        /** As many sessions as may be. */
        FULL,
        /** Closed meanwhile in favour of a newer stranger. */
        DROPPED
    }

    private final int maxStrangers;
    private final int maxSessions;
    private final Function<C, ?> origin;
    private final Deque<C> strangers = new ArrayDeque<>();
    private final Set<C> sessions = new HashSet<>();

    Admission(int maxStrangers, int maxSessions, Function<C, ?> origin) {
        this.maxStrangers = maxStrangers;
        this.maxSessions = maxSessions;
        this.origin = origin;
    }

    /** A new connection; returns the one that must be closed for it. */
    synchronized Optional<C> arrived(C connection) {
        Optional<C> dropped = strangers.size() < maxStrangers ? Optional.empty() : Optional.of(mostImpatient());
        dropped.ifPresent(strangers::remove);
        strangers.addLast(connection);
        return dropped;
    }

    private C mostImpatient() {
        Map<Object, Long> counts = strangers.stream().collect(Collectors.groupingBy(origin, Collectors.counting()));
        long most = Collections.max(counts.values());
        return strangers.stream()
                .filter(stranger -> counts.get(origin.apply(stranger)) == most)
                .findFirst()
                .orElseThrow();
    }

    /** The connection is authenticated: is it served? */
    synchronized Verdict authenticated(C connection) {
        if (sessions.size() >= maxSessions) {
            return Verdict.FULL;
        }
        if (!strangers.remove(connection)) {
            return Verdict.DROPPED;
        }
        sessions.add(connection);
        return Verdict.ADMITTED;
    }

    synchronized void ended(C connection) {
        if (!sessions.remove(connection)) {
            strangers.remove(connection);
        }
    }

    synchronized Set<C> all() {
        Set<C> all = new HashSet<>(sessions);
        all.addAll(strangers);
        return all;
    }

    synchronized int sessions() {
        return sessions.size();
    }
}
