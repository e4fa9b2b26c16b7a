package io.finemem.transport.rxe;

import io.finemem.transport.verbs.Gid;
import io.finemem.transport.verbs.RdmaDevice;
import io.finemem.transport.verbs.RdmaDevices;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Runs a latency program of the perftest package against itself. */
final class Perftest {
    static final int ITERATIONS = 5000;
    private static final int FIRST_PORT = 18_515;
    private static final int LIMIT_SECONDS = 120;
    private static final int TYPICAL_COLUMN = 4;
    private static final String LISTENING = " 0A ";

    private static int runs;

    private Perftest() {}

    /** Index of the device's IPv4 GID, or of its first one. */
    static int routableGidIndex(String device) {
        List<Gid> gids = RdmaDevices.ofThisMachine().stream()
                .filter(candidate -> candidate.name().equals(device))
                .map(RdmaDevice::ports)
                .flatMap(ports -> ports.get(0).gids().stream())
                .toList();
        return gids.stream()
                .filter(Gid::isIpv4Mapped)
                .findFirst()
                .orElse(gids.get(0))
                .index();
    }

    /** The median (its {@code t_typical}) of a program in cycles of the time-stamp counter. */
    static long median(String program, String device, int gidIndex, String... arguments) {
        int port = FIRST_PORT + runs++;
        List<String> server =
                new ArrayList<>(List.of(program, "-F", "-C", "-d", device, "-x", Integer.toString(gidIndex)));
        server.addAll(List.of("-n", Integer.toString(ITERATIONS), "-p", Integer.toString(port)));
        server.addAll(Arrays.asList(arguments));
        List<String> client = new ArrayList<>(server);
        client.add("127.0.0.1");
        Process serving = start(server);
        try {
            awaitListening(port, serving);
            Process asking = start(client);
            String output = output(asking);
            output(serving);
            return typical(output, program);
        } finally {
            serving.destroyForcibly();
        }
    }

    private static Process start(List<String> command) {
        try {
            return new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new UncheckedIOException("install perftest: " + e.getMessage(), e);
        }
    }

    private static String output(Process process) {
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IllegalStateException("perftest failed: " + output);
            }
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } finally {
            process.destroyForcibly();
        }
    }

    /** The line of figures starts with bytes and iterations. */
    private static long typical(String output, String program) {
        String row = output.lines()
                .map(String::trim)
                .filter(line -> line.matches("8\\s+" + ITERATIONS + "\\s.*"))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no figures of " + program + " in: " + output));
        return Math.round(Double.parseDouble(row.split("\\s+")[TYPICAL_COLUMN]));
    }

    private static void awaitListening(int port, Process server) {
        String suffix = String.format(Locale.ROOT, ":%04X ", port);
        long start = System.nanoTime();
        while (!isListening(suffix)) {
            if (!server.isAlive() || System.nanoTime() - start > TimeUnit.SECONDS.toNanos(LIMIT_SECONDS)) {
                throw new IllegalStateException("perftest's server does not listen on port " + port);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    private static boolean isListening(String suffix) {
        return List.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6")).stream()
                .filter(Files::exists)
                .flatMap(file -> {
                    try {
                        return Files.readAllLines(file).stream();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                })
                .anyMatch(line -> line.contains(suffix) && line.contains(LISTENING));
    }
}
