package io.finemem.coordination.redis;

import io.finemem.api.ProtocolViolation;
import io.finemem.spi.coordination.ClusterView;
import io.finemem.spi.coordination.MemoryNodeEntry;
import io.finemem.spi.coordination.OwnerEntry;
import io.finemem.spi.coordination.OwnerIdentity;
import io.finemem.spi.coordination.OwnerState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.JedisPubSub;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.exceptions.JedisNoScriptException;

/**
 * The commands of the directory: arguments and answers of the scripts. Each call waits for the server at most twice the
 * timeout of the settings, and ends with {@code CoordinationUnavailable}, {@code AuthenticationFailed} or {@code
 * ProtocolViolation} if it cannot be executed.
 *
 * <p>All scripts may be executed twice. {@code floor} is the highest revision that the caller knows.
 */
final class RedisDirectory implements AutoCloseable {
    static final String CHANGED = "changed";
    static final String BARRIER = "barrier ";

    private static final Logger LOG = LoggerFactory.getLogger(RedisDirectory.class);
    private static final int HEARTBEATS_PER_GRACE = 3;
    private static final Duration BARRIER_KEPT = Duration.ofHours(1);

    private final RedisSettings settings;
    private final UnifiedJedis client;
    private final String slot;
    private final List<String> keys;

    private RedisDirectory(RedisSettings settings, UnifiedJedis client) {
        this.settings = settings;
        this.client = client;
        this.slot = "{" + settings.prefix() + "}:";
        this.keys = List.of(slot + "meta", slot + "nodes", slot + "owners", slot + "leases", slot + "ended");
    }

    static RedisDirectory connect(RedisSettings settings) {
        try {
            return new RedisDirectory(settings, RedisClients.open(settings));
        } catch (JedisException e) {
            throw RedisFailure.of(e, settings);
        }
    }

    /**
     * What there is.
     *
     * @param epoch another one than before means that the directory had lost its data
     * @param revision of the members
     * @param members null if the caller has this revision
     */
    record Answer(String epoch, long revision, @Nullable ClusterView members) {}

    Answer view(long floor, long known) {
        List<?> answer = run(Script.VIEW, floor, List.of(Long.toString(known)));
        String epoch = (String) answer.get(0);
        long revision = Long.parseLong((String) answer.get(1));
        return new Answer(epoch, revision, answer.size() == 2 ? null : members(revision, answer));
    }

    private static ClusterView members(long revision, List<?> answer) {
        TreeMap<String, MemoryNodeEntry> nodes = new TreeMap<>();
        List<?> nodeFields = (List<?>) answer.get(3);
        for (int i = 0; i < nodeFields.size(); i += 2) {
            String name = (String) nodeFields.get(i);
            String record = (String) nodeFields.get(i + 1);
            readable(() -> nodes.put(name, Records.node(name, record)));
        }
        TreeMap<Long, OwnerEntry> owners = new TreeMap<>();
        List<?> ownerFields = (List<?>) answer.get(4);
        for (int i = 0; i < ownerFields.size(); i += 2) {
            String incarnation = (String) ownerFields.get(i);
            String record = (String) ownerFields.get(i + 1);
            readable(() -> {
                OwnerEntry owner = Records.owner(incarnation, record);
                owners.put(owner.identity().incarnation(), owner);
            });
        }
        return new ClusterView(revision, nodes, owners, Long.parseLong((String) answer.get(2)));
    }

    /** One record that somebody spoilt must not hide the others. */
    private static void readable(Runnable record) {
        try {
            record.run();
        } catch (ProtocolViolation e) {
            LOG.warn("a record of the directory is left out: {}", e.getMessage());
        }
    }

    /**
     * Answer to the announcement of a memory node.
     *
     * @param outcome OK, SUPERSEDED or TAKEN
     * @param holder if TAKEN: address of the living node of that name
     * @param leaseMillis if TAKEN: rest of its lease
     */
    record NodeAnswer(String outcome, String holder, long leaseMillis) {}

    NodeAnswer announce(long floor, MemoryNodeEntry node, boolean first) {
        List<?> answer = run(
                Script.ANNOUNCE_NODE,
                floor,
                List.of(
                        node.name(),
                        Records.boot(node),
                        node.controlAddress().toString(),
                        Records.write(node),
                        first ? "first" : "again"));
        boolean taken = answer.size() > 2;
        return new NodeAnswer(
                (String) answer.get(0),
                taken ? (String) answer.get(2) : "",
                taken ? Long.parseLong((String) answer.get(3)) : 0);
    }

    void retire(long floor, MemoryNodeEntry node) {
        run(Script.RETIRE_NODE, floor, List.of(node.name(), Records.boot(node)));
    }

    long nextIncarnation(long floor, long highestKnown) {
        return Long.parseLong((String) run(Script.INCARNATION, floor, List.of(Long.toString(highestKnown)))
                .get(0));
    }

    /** False if the owner has ended. */
    boolean announce(long floor, OwnerIdentity owner) {
        List<String> arguments = List.of(Long.toString(owner.incarnation()), owner.name());
        return run(Script.ANNOUNCE_OWNER, floor, arguments).get(0).equals("OK");
    }

    /** False if nobody was given this incarnation yet. */
    boolean end(long floor, OwnerIdentity owner, OwnerState state) {
        List<String> arguments = List.of(Long.toString(owner.incarnation()), owner.name(), state.name());
        return run(Script.END_OWNER, floor, arguments).get(0).equals("OK");
    }

    /** Adds what the directory may have lost. */
    void restore(long floor, long endedUpTo, Collection<MemoryNodeEntry> nodes, Collection<OwnerEntry> owners) {
        List<String> arguments = new ArrayList<>();
        arguments.add(Long.toString(endedUpTo));
        for (MemoryNodeEntry node : nodes) {
            arguments.addAll(List.of("n", node.name(), Records.write(node)));
        }
        for (OwnerEntry owner : owners) {
            arguments.addAll(List.of("o", Long.toString(owner.identity().incarnation()), Records.write(owner)));
        }
        run(Script.RESTORE, floor, arguments);
    }

    /**
     * How an arrival stands.
     *
     * @param outcome PASSED, WAITING, PARTIES or WITHDRAWN
     * @param number the generation; of PARTIES, the number that others gave; of WITHDRAWN, how many had arrived
     * @param arrived of WAITING, how many have arrived
     */
    record ArrivalAnswer(String outcome, long number, long arrived) {}

    ArrivalAnswer arrive(String barrier, int parties, String arrival, long seen) {
        List<?> answer = execute(
                Script.ARRIVE,
                barrierKeys(barrier),
                List.of(
                        channel(),
                        barrier,
                        Integer.toString(parties),
                        arrival,
                        Long.toString(seen),
                        Long.toString(settings.lease().toMillis()),
                        Long.toString(BARRIER_KEPT.toMillis())));
        return new ArrivalAnswer(
                (String) answer.get(0), Long.parseLong((String) answer.get(1)), Long.parseLong((String) answer.get(2)));
    }

    ArrivalAnswer withdraw(String barrier, String arrival) {
        List<?> answer = execute(Script.WITHDRAW, barrierKeys(barrier), List.of(arrival));
        return new ArrivalAnswer((String) answer.get(0), Long.parseLong((String) answer.get(1)), 0);
    }

    private List<String> barrierKeys(String barrier) {
        String key = slot + "barrier:" + barrier;
        return List.of(key, key + ":arrived", key + ":passed");
    }

    /** Listens to changes in the calling thread, until the listener unsubscribes or the connection breaks. */
    void subscribe(JedisPubSub listener) {
        try {
            client.subscribe(listener, channel());
        } catch (JedisException e) {
            throw RedisFailure.of(e, settings);
        }
    }

    String ping() {
        try {
            return client.ping();
        } catch (JedisException e) {
            throw RedisFailure.of(e, settings);
        }
    }

    private String channel() {
        return slot + "changes";
    }

    private List<?> run(Script script, long floor, List<String> arguments) {
        long heartbeat = settings.heartbeat().toMillis();
        List<String> all = new ArrayList<>(List.of(
                channel(),
                UUID.randomUUID().toString(),
                Long.toString(floor),
                Long.toString(heartbeat * HEARTBEATS_PER_GRACE),
                Long.toString(settings.lease().toMillis()),
                Long.toString(settings.retention().toMillis())));
        all.addAll(arguments);
        return execute(script, keys, all);
    }

    private List<?> execute(Script script, List<String> scriptKeys, List<String> arguments) {
        long start = System.nanoTime();
        for (int attempt = 1; ; attempt++) {
            try {
                return evaluate(script, scriptKeys, arguments);
            } catch (JedisConnectionException e) {
                // Pooled connections that broke while idle say so at once; the next one is new.
                boolean late = System.nanoTime() - start >= settings.timeout().toNanos();
                if (late || attempt > RedisClients.IDLE_CONNECTIONS) {
                    throw RedisFailure.of(e, settings);
                }
            } catch (JedisException e) {
                throw RedisFailure.of(e, settings);
            }
        }
    }

    private List<?> evaluate(Script script, List<String> scriptKeys, List<String> arguments) {
        try {
            return (List<?>) client.evalsha(script.digest(), scriptKeys, arguments);
        } catch (JedisNoScriptException e) {
            return (List<?>) client.eval(script.text(), scriptKeys, arguments);
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
