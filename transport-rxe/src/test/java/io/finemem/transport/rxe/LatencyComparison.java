package io.finemem.transport.rxe;

import io.finemem.spi.transport.Access;
import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionOptions;
import io.finemem.spi.transport.MemoryRegion;
import io.finemem.spi.transport.ProtectionDomain;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportSettings;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * 8-byte CAS and READ through the SPI against perftest's {@code ib_atomic_lat} and {@code ib_read_lat} on the same
 * device, in turns. Prints the medians and their ratios of every round; asserts nothing about time.
 *
 * <p>Both count cycles of the same counter around each operation, and give the median.
 */
final class LatencyComparison {
    private static final int WARM_UP = 20_000;
    private static final int DEFAULT_ROUNDS = 5;
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(20);

    private LatencyComparison() {}

    private enum Kind {
        CAS("ib_atomic_lat", "-A", "CMP_AND_SWAP"),
        READ("ib_read_lat", "-s", "8");

        private final String program;
        private final String[] arguments;

        Kind(String program, String... arguments) {
            this.program = program;
            this.arguments = arguments;
        }

        long perftest(String device, int gidIndex) {
            return Perftest.median(program, device, gidIndex, arguments);
        }

        void fill(Chain chain, long address, int rkey, long turn) {
            switch (this) {
                case CAS -> chain.compareAndSwap(address, rkey, turn, turn + 1);
                case READ -> chain.readWord(address, rkey);
            }
        }
    }

    /** Argument: number of rounds, 5 if absent. */
    public static void main(String[] args) {
        int rounds = args.length == 0 ? DEFAULT_ROUNDS : Integer.parseInt(args[0]);
        TransportSettings settings = TransportSettings.of("finemem.transport.rxe", Map.of("create", "true"));
        try (Transport transport = new RxeProvider().open(settings)) {
            System.out.println(transport.description());
            try (ProtectionDomain domain = transport.newDomain();
                    MemoryRegion region = domain.allocate(
                            4096, Set.of(Access.REMOTE_READ, Access.REMOTE_WRITE, Access.REMOTE_ATOMIC));
                    Connection poster = domain.newConnection(ConnectionOptions.of("loop-back"));
                    Connection server = domain.newConnection(ConnectionOptions.of("loop-back"))) {
                poster.connect(server.descriptor());
                server.connect(poster.descriptor());
                try (CycleCounter cycles = new CycleCounter()) {
                    compare(rounds, transport.description().device(), poster, region, cycles);
                }
            }
        }
    }

    private static void compare(
            int rounds, String deviceAndPort, Connection poster, MemoryRegion region, CycleCounter cycles) {
        String device = deviceAndPort.substring(0, deviceAndPort.indexOf('/'));
        int gidIndex = Perftest.routableGidIndex(device);
        for (Kind kind : Kind.values()) {
            ours(kind, poster, region, cycles, WARM_UP);
        }
        System.out.println("round  operation  finemem cycles  perftest cycles  ratio");
        double[][] ratios = new double[Kind.values().length][rounds];
        for (int round = 0; round < rounds; round++) {
            for (Kind kind : Kind.values()) {
                long theirs = kind.perftest(device, gidIndex);
                long ours = ours(kind, poster, region, cycles, Perftest.ITERATIONS);
                double ratio = (double) ours / theirs;
                ratios[kind.ordinal()][round] = ratio;
                System.out.printf(Locale.ROOT, "%5d  %-9s  %14d  %15d  %5.2f%n", round + 1, kind, ours, theirs, ratio);
            }
        }
        for (Kind kind : Kind.values()) {
            summarise(kind, ratios[kind.ordinal()]);
        }
    }

    private static void summarise(Kind kind, double[] ratios) {
        double[] sorted = ratios.clone();
        Arrays.sort(sorted);
        System.out.printf(
                Locale.ROOT,
                "%s: median ratio %.2f, from %.2f to %.2f%n",
                kind,
                sorted[sorted.length / 2],
                sorted[0],
                sorted[sorted.length - 1]);
    }

    /** Median cycles of one operation. */
    private static long ours(Kind kind, Connection poster, MemoryRegion region, CycleCounter cycles, int operations) {
        long[] samples = new long[operations];
        region.putWord(0, 0);
        try (Chain chain = poster.newChain(1)) {
            for (int i = 0; i < operations; i++) {
                long start = cycles.read();
                kind.fill(chain.clear(), region.address(), region.rkey(), i);
                CompletionStatus status = poster.execute(chain, LIMIT_NANOS);
                samples[i] = cycles.read() - start;
                if (status != CompletionStatus.SUCCESS) {
                    throw new IllegalStateException(kind + " ended with " + status);
                }
            }
        }
        if (kind == Kind.CAS && region.getWord(0) != operations) {
            throw new IllegalStateException("a CAS was lost: " + region.getWord(0) + " of " + operations);
        }
        Arrays.sort(samples);
        return samples[operations / 2];
    }
}
