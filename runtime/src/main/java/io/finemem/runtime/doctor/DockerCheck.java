package io.finemem.runtime.doctor;

import java.net.UnixDomainSocketAddress;
import java.util.List;
import java.util.Optional;

/** Whether a Docker engine answers; only some tests use one. */
final class DockerCheck implements Check {
    private static final String NAME = "Docker engine";
    private static final String SCHEME = "unix://";

    @Override
    public List<Finding> examine(Machine machine) {
        String host = machine.variable("DOCKER_HOST").orElse(SCHEME + "/var/run/docker.sock");
        if (!host.startsWith(SCHEME)) {
            return List.of(Finding.ok(NAME, "DOCKER_HOST is " + host + " (not asked)"));
        }
        String socket = host.substring(SCHEME.length());
        Optional<String> answer = machine.exists(socket)
                ? machine.network().ask(UnixDomainSocketAddress.of(machine.path(socket)), "GET /_ping HTTP/1.0\r\n\r\n")
                : Optional.empty();
        boolean alive = answer.filter(text -> text.startsWith("HTTP/1.") && text.contains(" 200 "))
                .isPresent();
        return List.of(
                alive
                        ? Finding.ok(NAME, "answers at " + socket)
                        : Finding.warning(
                                NAME,
                                "does not answer at " + socket,
                                "only tests of coordination use it; they take redis-server otherwise"));
    }
}
