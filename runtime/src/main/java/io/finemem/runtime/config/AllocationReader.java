package io.finemem.runtime.config;

import com.typesafe.config.Config;
import io.finemem.allocator.AsyncOptions;
import io.finemem.allocator.data.DataOptions;
import io.finemem.allocator.data.LeakLevel;
import io.finemem.allocator.decision.ContentionThresholds;
import io.finemem.allocator.layout.Geometry;
import java.util.List;
import java.util.function.LongPredicate;

/** Reads how a client allocates. Not thread-safe. */
final class AllocationReader {
    private static final long MIN_BUFFER_BYTES = 256L << 10;
    /** Failed attempts of one claim; more would be no contention but a standstill. */
    private static final int MAX_ATTEMPTS = 64;

    private static final int MAX_WORKERS = 256;

    private final ConfigReader reader;
    private final long machineBytes;
    private final PlacementReader placement;

    AllocationReader(Config config, ConfigMistakes mistakes, long machineBytes, PlacementReader placement) {
        this.reader = new ConfigReader(config, mistakes);
        this.machineBytes = machineBytes;
        this.placement = placement;
    }

    /**
     * The keys of a section.
     *
     * @param section path of the section, with a dot at its end
     */
    AllocationConfig read(String section) {
        return new AllocationConfig(
                reader.integer(section + "workers", 1, MAX_WORKERS),
                reader.duration(section + "operation-timeout", FineMemConfig.SHORTEST_TIMEOUT),
                contention(section + "contention."),
                reader.integer(section + "run-ahead", 0, Geometry.CHUNKS_PER_SPAN),
                new AsyncOptions(
                        reader.integer(section + "async-depth", 1, AsyncOptions.MAX_DEPTH),
                        reader.integer(section + "async-queue", 2, AsyncOptions.MAX_QUEUE)),
                new DataOptions(
                        reader.choice(FineMemConfig.ROOT + ".leak-detection", List.of(LeakLevel.values())),
                        bufferBytes(section + "buffer-memory")),
                placement.policy(section + "placement", FineMemConfig.ROOT + ".placement"));
    }

    private ContentionThresholds contention(String section) {
        int some = reader.integer(section + "some", 1, MAX_ATTEMPTS);
        int high = reader.integer(section + "high", 1, MAX_ATTEMPTS);
        if (high < some) {
            reader.invalid(section + "high", "at least " + section + "some, which is " + some);
        }
        return new ContentionThresholds(some, Math.max(some, high));
    }

    private long bufferBytes(String path) {
        long section = FineMemConfig.SECTION_BYTES;
        String allowed = "256KiB to the memory of this machine, " + machineBytes / section * 2 + "MiB";
        LongPredicate valid = bytes -> bytes >= MIN_BUFFER_BYTES && bytes <= machineBytes;
        return reader.bytes(path, valid, allowed, MIN_BUFFER_BYTES);
    }
}
