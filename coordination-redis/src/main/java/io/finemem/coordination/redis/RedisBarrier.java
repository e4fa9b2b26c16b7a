package io.finemem.coordination.redis;

import io.finemem.api.InvalidRequest;
import io.finemem.api.OperationTimeout;
import io.finemem.spi.coordination.Barrier;
import io.finemem.spi.coordination.CoordinationUnavailable;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A barrier. A waiting arrival has a lease, which it refreshes at each heartbeat; one that vanished lapses. */
final class RedisBarrier implements Barrier {
    private static final Logger LOG = LoggerFactory.getLogger(RedisBarrier.class);

    private final RedisCoordination coordination;
    private final String name;
    private final int parties;

    RedisBarrier(RedisCoordination coordination, String name, int parties) {
        this.coordination = coordination;
        this.name = name;
        this.parties = parties;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int parties() {
        return parties;
    }

    @Override
    public long await(Duration timeout) throws InterruptedException {
        if (timeout.isZero() || timeout.isNegative()) {
            throw new InvalidRequest("the timeout of a barrier must be above zero", "timeout", timeout);
        }
        Arrival arrival = new Arrival(System.nanoTime() + timeout.toNanos());
        try {
            return arrival.await();
        } catch (InterruptedException e) {
            arrival.withdrawQuietly();
            throw e;
        }
    }

    /** One party's wait. */
    private final class Arrival {
        private static final long NOTHING_SEEN = -1;

        private final String id = UUID.randomUUID().toString();
        private final long deadlineNanos;
        private long seen = NOTHING_SEEN;
        private @Nullable CoordinationUnavailable away;

        Arrival(long deadlineNanos) {
            this.deadlineNanos = deadlineNanos;
        }

        long await() throws InterruptedException {
            while (true) {
                long heard = coordination.bell().rings();
                long generation = look();
                if (generation != NOTHING_SEEN) {
                    return generation;
                }
                long left = deadlineNanos - System.nanoTime();
                if (left <= 0) {
                    return giveUp();
                }
                coordination
                        .bell()
                        .await(
                                heard,
                                Math.min(
                                        left,
                                        coordination.settings().heartbeat().toNanos()));
            }
        }

        /** The generation that was let through, if it was. */
        private long look() {
            RedisDirectory.ArrivalAnswer answer;
            try {
                answer = coordination.link().call(() -> coordination.directory().arrive(name, parties, id, seen));
                away = null;
            } catch (CoordinationUnavailable e) {
                away = e;
                return NOTHING_SEEN;
            }
            return switch (answer.outcome()) {
                case "PASSED" -> answer.number();
                case "PARTIES" ->
                    throw new InvalidRequest(
                            "the parties at a barrier do not agree on their number",
                            "barrier",
                            name,
                            "here",
                            parties,
                            "others",
                            answer.number());
                default -> {
                    seen = answer.number();
                    yield NOTHING_SEEN;
                }
            };
        }

        private long giveUp() {
            if (away != null) {
                throw away;
            }
            RedisDirectory.ArrivalAnswer answer =
                    coordination.link().call(() -> coordination.directory().withdraw(name, id));
            if (answer.outcome().equals("PASSED")) {
                return answer.number();
            }
            throw new OperationTimeout(
                    "not all parties arrived at the barrier in time",
                    "barrier",
                    name,
                    "arrived",
                    answer.number(),
                    "parties",
                    parties);
        }

        private void withdrawQuietly() {
            try {
                coordination.link().call(() -> coordination.directory().withdraw(name, id));
            } catch (CoordinationUnavailable e) {
                LOG.info("an arrival at barrier {} could not be withdrawn, it will lapse: {}", name, e.getMessage());
            }
        }
    }
}
