package io.finemem.runtime.numa;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The NUMA nodes of a machine, as the kernel tells of them below {@code /sys}. Immutable; every question reads anew. */
public final class NumaNodes {
    private static final Pattern RANGE = Pattern.compile("(\\d{1,5})(?:-(\\d{1,5}))?");
    private static final Pattern KIBIBYTES = Pattern.compile("(?m)^Node \\d+ (\\S+): +(\\d+) kB$");
    /** Lines of a node's memory facts that can be had: free, or given up by the kernel without a loss. */
    private static final List<String> AVAILABLE = List.of("MemFree", "Active(file)", "Inactive(file)", "SReclaimable");

    private final Path sys;

    NumaNodes(Path sys) {
        this.sys = sys;
    }

    /** Those of this machine. */
    public static NumaNodes ofThisMachine() {
        return new NumaNodes(Path.of("/sys"));
    }

    /** Numbers of the nodes that have memory; none if the kernel knows nothing of NUMA. */
    public SortedSet<Integer> withMemory() {
        return list(read(sys.resolve("devices/system/node/has_memory")));
    }

    /** The node that an RDMA device is at; empty if it has none, or there is no such device. */
    public OptionalInt ofDevice(String device) {
        if (device.isEmpty() || device.contains("/")) {
            return OptionalInt.empty();
        }
        String text = read(sys.resolve("class/infiniband").resolve(device).resolve("device/numa_node"));
        int node = text.matches("\\d{1,5}") ? Integer.parseInt(text) : -1;
        return withMemory().contains(node) ? OptionalInt.of(node) : OptionalInt.empty();
    }

    /** Bytes that can be had on a node: as ordinary pages, or as huge ones, whichever is more. */
    long availableBytes(int node) {
        Path directory = sys.resolve("devices/system/node/node" + node);
        long ordinary = KIBIBYTES
                .matcher(read(directory.resolve("meminfo")))
                .results()
                .filter(line -> AVAILABLE.contains(line.group(1)))
                .mapToLong(line -> Long.parseLong(line.group(2)) << 10)
                .sum();
        return Math.max(ordinary, freeHugeBytes(directory.resolve("hugepages")));
    }

    private static long freeHugeBytes(Path pools) {
        if (!Files.isDirectory(pools)) {
            return 0;
        }
        long bytes = 0;
        try (DirectoryStream<Path> sizes = Files.newDirectoryStream(pools, "hugepages-*kB")) {
            for (Path size : sizes) {
                String free = read(size.resolve("free_hugepages"));
                long page = Long.parseLong(String.valueOf(size.getFileName()).replaceAll("\\D", "")) << 10;
                bytes += free.isEmpty() ? 0 : Long.parseLong(free) * page;
            }
            return bytes;
        } catch (IOException e) {
            return bytes;
        }
    }

    /** A list such as {@code 0-1,3}. */
    static SortedSet<Integer> list(String text) {
        SortedSet<Integer> nodes = new TreeSet<>();
        for (String part : text.split(",")) {
            var range = RANGE.matcher(part.trim());
            if (range.matches()) {
                int first = Integer.parseInt(range.group(1));
                int last = range.group(2) == null ? first : Integer.parseInt(range.group(2));
                for (int node = first; node <= last; node++) {
                    nodes.add(node);
                }
            }
        }
        return nodes;
    }

    /** A small file; empty if there is none. */
    private static String read(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            return "";
        }
    }
}
