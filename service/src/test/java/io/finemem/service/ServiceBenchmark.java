package io.finemem.service;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.allocator.control.Isolation;
import io.finemem.api.RemoteMemory;
import io.finemem.service.client.ServiceClientOptions;
import io.finemem.service.client.ServiceMemory;
import io.finemem.spi.transport.Transport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;

/**
 * What the way through the service costs, on shared memory, beside the same owner used directly. Both sides spin; a machine with fewer
 * than two idle processors measures its scheduler instead. First in one process, then with the client in a process of its own.
 */
public final class ServiceBenchmark {
    private static final int WARM_UP = 200_000;
    private static final int ROUNDS = 200_000;
    private static final int REPETITIONS = 5;
    private static final Duration SPIN = Duration.ofMillis(1);

    private ServiceBenchmark() {}

    /** Without arguments everything; with a directory the client of the service there. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        if (arguments.length == 1) {
            client(Path.of(arguments[0]));
            return;
        }
        journal(Files.createTempDirectory("finemem-journal-benchmark"));
        Path directory = Files.createTempDirectory("finemem-service-benchmark");
        try (ComputeNode node = new ComputeNode(directory, Isolation.DIRECT, options -> options.withSpin(SPIN));
                FineMemAllocator embedded =
                        node.embedded(AllocatorOptions.defaults().withWorkers(1));
                ServiceMemory served = node.client(
                        ServiceClientOptions.at(node.socket(), "benchmark").withSpin(SPIN))) {
            for (int i = 0; i < REPETITIONS; i++) {
                double[] ping = time(served::ping);
                double[] direct = time(() -> pair(embedded));
                double[] through = time(() -> pair(served));
                System.out.printf(
                        Locale.ROOT,
                        "us p50 (p10): empty call %.2f (%.2f)   allocate+free embedded %.2f (%.2f), through the service %.2f (%.2f):"
                                + " %.1f times, %.2f us added per call%n",
                        ping[1],
                        ping[0],
                        direct[1],
                        direct[0],
                        through[1],
                        through[0],
                        through[1] / direct[1],
                        (through[1] - direct[1]) / 2);
            }
            runClient(directory);
        }
    }

    /** What it costs that a service writes down each allocation and free for its next run. */
    private static void journal(Path directory) throws IOException {
        Files.createDirectory(directory.resolve("without"));
        Files.createDirectory(directory.resolve("with"));
        try (ComputeNode without = new ComputeNode(
                        directory.resolve("without"), Isolation.DIRECT, options -> options.withSpin(SPIN));
                RestartableNode with = new RestartableNode(directory.resolve("with"))
                        .with(options -> options.withSpin(SPIN))
                        .withRunAhead(0)) {
            with.start();
            try (ServiceMemory plain = without.client(
                            ServiceClientOptions.at(without.socket(), "plain").withSpin(SPIN));
                    ServiceMemory journaled = with.client(options -> options.withSpin(SPIN))) {
                for (int i = 0; i < REPETITIONS; i++) {
                    double[] off = time(() -> pair(plain));
                    double[] on = time(() -> pair(journaled));
                    System.out.printf(
                            Locale.ROOT,
                            "us p50 (p10) allocate+free: journal off %.2f (%.2f), on %.2f (%.2f)%n",
                            off[1],
                            off[0],
                            on[1],
                            on[0]);
                }
            }
        }
    }

    /** The other process. */
    private static void client(Path directory) {
        try (Transport transport = ComputeNode.transport(directory);
                ServiceMemory served = ServiceMemory.open(
                        transport,
                        ServiceClientOptions.at(ComputeNode.socket(directory), "other")
                                .withSpin(SPIN))) {
            for (int i = 0; i < REPETITIONS; i++) {
                double[] ping = time(served::ping);
                double[] through = time(() -> pair(served));
                System.out.printf(
                        Locale.ROOT,
                        "us p50 (p10) from another process: empty call %.2f (%.2f)   allocate+free %.2f (%.2f)%n",
                        ping[1],
                        ping[0],
                        through[1],
                        through[0]);
            }
        }
    }

    private static void runClient(Path directory) throws IOException, InterruptedException {
        Process other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        ServiceBenchmark.class.getName(),
                        directory.toString())
                .inheritIO()
                .start();
        int status = other.waitFor();
        if (status != 0) {
            throw new IllegalStateException("the other process ended with status " + status);
        }
    }

    private static void pair(RemoteMemory memory) {
        memory.free(memory.allocate(4096));
    }

    /** Tenth and half of the times, in microseconds. */
    private static double[] time(Runnable call) {
        for (int i = 0; i < WARM_UP; i++) {
            call.run();
        }
        long[] nanos = new long[ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
            long begin = System.nanoTime();
            call.run();
            nanos[i] = System.nanoTime() - begin;
        }
        Arrays.sort(nanos);
        return new double[] {nanos[ROUNDS / 10] / 1e3, nanos[ROUNDS / 2] / 1e3};
    }
}
