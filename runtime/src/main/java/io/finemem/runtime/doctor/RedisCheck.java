package io.finemem.runtime.doctor;

import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/** Whether there is a Redis for coordination: one that answers, or at least the program. */
final class RedisCheck implements Check {
    private static final String NAME = "Redis";
    private static final String VARIABLE = "REDIS_URL";
    private static final int DEFAULT_PORT = 6379;

    @Override
    public List<Finding> examine(Machine machine) {
        return List.of(examineOne(machine));
    }

    private static Finding examineOne(Machine machine) {
        Optional<InetSocketAddress> server = server(machine);
        if (server.isEmpty()) {
            return Finding.warning(NAME, VARIABLE + " is not a URL with a host", VARIABLE + "=redis://127.0.0.1:6379");
        }
        String where = server.get().getHostString() + ":" + server.get().getPort();
        if (machine.network().ask(server.get(), "PING\r\n").isPresent()) {
            return Finding.ok(NAME, "answers at " + where);
        }
        return machine.program("redis-server")
                .map(path -> Finding.ok(NAME, path + "; none is running at " + where))
                .orElseGet(() -> Finding.warning(
                        NAME,
                        "nobody answers at " + where + " and redis-server is not installed",
                        "apt-get install redis-server, or set " + VARIABLE));
    }

    private static Optional<InetSocketAddress> server(Machine machine) {
        try {
            URI url = URI.create(machine.variable(VARIABLE).orElse("redis://127.0.0.1:" + DEFAULT_PORT));
            if (url.getHost() == null) {
                return Optional.empty();
            }
            int port = url.getPort() < 0 ? DEFAULT_PORT : url.getPort();
            return Optional.of(new InetSocketAddress(url.getHost(), port)).filter(address -> !address.isUnresolved());
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
