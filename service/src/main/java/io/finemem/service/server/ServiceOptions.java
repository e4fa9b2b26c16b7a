package io.finemem.service.server;

import io.finemem.service.ipc.Affinity;
import io.finemem.service.ipc.SegmentLayout;
import io.finemem.service.ipc.UnixSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * How the service works.
 *
 * @param socket path of its Unix socket; the directory is made, with mode 0700, if it is missing
 * @param access who may use it
 * @param quotas who may hold how much
 * @param labels which labels of memory nodes they may ask for
 * @param applications most sessions at a time, 1 or more
 * @param mailboxes most mailboxes of a session, 1 to {@link SegmentLayout#MAX_MAILBOXES}
 * @param dataConnections most data connections of a session, 1 or more
 * @param threads serving threads, 1 or more
 * @param processors what they are pinned to, in turn; empty: not pinned
 * @param spin how long a session is looked at without a request before its clients must ring
 * @param requestTimeout how long a request may take, as clients are told
 * @param reattachGrace how long a session waits for its application after the service was restarted
 */
public record ServiceOptions(
        Path socket,
        AccessRules access,
        Quotas quotas,
        LabelRules labels,
        int applications,
        int mailboxes,
        int dataConnections,
        int threads,
        List<Integer> processors,
        Duration spin,
        Duration requestTimeout,
        Duration reattachGrace) {

    /** Checks the ranges. */
    public ServiceOptions {
        check(UnixSocket.fits(socket.toAbsolutePath()), "the socket's path must have at most 107 bytes", socket);
        check(applications >= 1, "applications must be 1 or more", applications);
        check(
                mailboxes >= 1 && mailboxes <= SegmentLayout.MAX_MAILBOXES,
                "mailboxes must be 1 to " + SegmentLayout.MAX_MAILBOXES,
                mailboxes);
        check(dataConnections >= 1, "data connections must be 1 or more", dataConnections);
        check(threads >= 1, "threads must be 1 or more", threads);
        check(!spin.isNegative(), "spin must be 0 or more", spin);
        check(!requestTimeout.isNegative() && !requestTimeout.isZero(), "the timeout must be positive", requestTimeout);
        check(!reattachGrace.isNegative(), "the grace must be 0 or more", reattachGrace);
        for (int processor : processors) {
            check(processor >= 0 && processor < Affinity.MAX_PROCESSORS, "no such processor", processor);
        }
        processors = List.copyOf(processors);
    }

    private static void check(boolean valid, String text, Object value) {
        if (!valid) {
            throw new IllegalArgumentException(text + ": " + value);
        }
    }

    /** One thread that spins for 50 us, the own user only, no quotas, 256 applications of up to 32 mailboxes. */
    public static ServiceOptions at(Path socket) {
        return new ServiceOptions(
                socket,
                AccessRules.ownUser(),
                Quotas.each(Quota.UNLIMITED),
                LabelRules.ANY,
                256,
                32,
                64,
                1,
                List.of(),
                Duration.ofNanos(50_000),
                Duration.ofSeconds(10),
                Duration.ofSeconds(10));
    }

    /** The same for others. */
    public ServiceOptions withAccess(AccessRules rules) {
        return with(copy -> copy.access = rules);
    }

    /** The same with other quotas. */
    public ServiceOptions withQuotas(Quotas other) {
        return with(copy -> copy.quotas = other);
    }

    /** The same with other labels that may be asked for. */
    public ServiceOptions withLabels(LabelRules rules) {
        return with(copy -> copy.labels = rules);
    }

    /** The same with another number of sessions. */
    public ServiceOptions withApplications(int count) {
        return with(copy -> copy.applications = count);
    }

    /** The same with another number of serving threads, pinned to processors if there are any given. */
    public ServiceOptions withThreads(int count, List<Integer> pinnedTo) {
        return with(copy -> {
            copy.threads = count;
            copy.processors = pinnedTo;
        });
    }

    /** The same with another time of spinning. */
    public ServiceOptions withSpin(Duration time) {
        return with(copy -> copy.spin = time);
    }

    /** The same with another time that a request may take. */
    public ServiceOptions withRequestTimeout(Duration time) {
        return with(copy -> copy.requestTimeout = time);
    }

    /** The same with another time that sessions wait for their applications. */
    public ServiceOptions withReattachGrace(Duration time) {
        return with(copy -> copy.reattachGrace = time);
    }

    private ServiceOptions with(Consumer<Copy> change) {
        Copy copy = new Copy(this);
        change.accept(copy);
        return copy.options();
    }

    private static final class Copy {
        Path socket;
        AccessRules access;
        Quotas quotas;
        LabelRules labels;
        int applications;
        int mailboxes;
        int dataConnections;
        int threads;
        List<Integer> processors;
        Duration spin;
        Duration requestTimeout;
        Duration reattachGrace;

        Copy(ServiceOptions of) {
            socket = of.socket;
            access = of.access;
            quotas = of.quotas;
            labels = of.labels;
            applications = of.applications;
            mailboxes = of.mailboxes;
            dataConnections = of.dataConnections;
            threads = of.threads;
            processors = of.processors;
            spin = of.spin;
            requestTimeout = of.requestTimeout;
            reattachGrace = of.reattachGrace;
        }

        ServiceOptions options() {
            return new ServiceOptions(
                    socket,
                    access,
                    quotas,
                    labels,
                    applications,
                    mailboxes,
                    dataConnections,
                    threads,
                    processors,
                    spin,
                    requestTimeout,
                    reattachGrace);
        }
    }
}
