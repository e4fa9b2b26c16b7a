package io.finemem.tck;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * What this process and its transport hold at one moment, by name: descriptors, mappings, threads, bytes of heap,
 * resident kibibytes, and what the transport counts itself.
 */
record Footprint(Map<String, Long> counts) {
    private static final String HEAP_KIBIBYTES = "heap KiB";
    private static final String RESIDENT_KIBIBYTES = "resident KiB";
    private static final int REPETITIONS = 3;

    /** Takes it after the collector has run, so that only what is reachable counts. */
    static Footprint take(Map<String, Long> transportCounts) {
        System.gc();
        Map<String, Long> counts = new TreeMap<>(transportCounts);
        Runtime runtime = Runtime.getRuntime();
        counts.put(HEAP_KIBIBYTES, (runtime.totalMemory() - runtime.freeMemory()) >> 10);
        counts.put("threads", (long) ManagementFactory.getThreadMXBean().getThreadCount());
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            counts.put("descriptors", descriptors.count());
            counts.put("mappings", (long)
                    Files.readAllLines(Path.of("/proc/self/maps")).size());
            counts.put(RESIDENT_KIBIBYTES, residentKibibytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Footprint(counts);
    }

    private static long residentKibibytes() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        throw new IOException("/proc/self/status has no VmRSS");
    }

    /**
     * Fails if {@code rounds} rounds of {@code work} leave a part of it behind, every time they are repeated: a leak
     * does, the JVM's own growth does not. What is released behind the scenes, by cleaners or by the kernel, gets
     * {@code patience}.
     */
    static void assertLeavesNothing(int rounds, Runnable work, Duration patience, Supplier<Footprint> now) {
        Map<String, String> grown = Map.of();
        for (int repetition = 0; repetition < REPETITIONS; repetition++) {
            Footprint before = now.get();
            work.run();
            grown = awaitNotGrown(before, rounds, patience, now);
            if (grown.isEmpty()) {
                return;
            }
        }
        throw new AssertionError(rounds + " rounds left something behind: " + grown);
    }

    private static Map<String, String> awaitNotGrown(
            Footprint before, int rounds, Duration patience, Supplier<Footprint> now) {
        Deadline deadline = Deadline.in(patience);
        Map<String, String> grown;
        do {
            grown = now.get().grownSince(before, rounds);
        } while (!grown.isEmpty() && !deadline.expired());
        return grown;
    }

    private Map<String, String> grownSince(Footprint before, int rounds) {
        Map<String, String> grown = new TreeMap<>();
        counts.forEach((name, now) -> {
            long then = before.counts.getOrDefault(name, 0L);
            if (now - then > allowance(name, rounds)) {
                grown.put(name, then + " -> " + now);
            }
        });
        return grown;
    }

    /**
     * The JVM itself grows a little; one leaked thing per hundred rounds, or 1 KiB (resident: 8 KiB) per round, is
     * more.
     */
    private static long allowance(String name, int rounds) {
        return switch (name) {
            case HEAP_KIBIBYTES -> Math.max(rounds / 4, 1024);
            case RESIDENT_KIBIBYTES -> Math.max(8L * rounds, 32 << 10);
            default -> Math.max(rounds / 100, 10);
        };
    }
}
