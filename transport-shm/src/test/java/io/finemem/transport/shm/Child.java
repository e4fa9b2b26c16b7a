package io.finemem.transport.shm;

import io.finemem.api.FineMemException;
import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionOptions;
import io.finemem.spi.transport.MemoryRegion;
import io.finemem.spi.transport.ProtectionDomain;
import io.finemem.spi.transport.Transport;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;

/**
 * The other process of a test. Arguments are the directory, and keys and values of settings. Commands, one per line:
 *
 * <pre>
 *   end                      makes a connection; answers its descriptor
 *   connect HEX              connects the end made last
 *   region BYTES             allocates memory with all rights; answers ADDRESS RKEY
 *   word OFFSET              answers the word of that region
 *   add ADDRESS RKEY N       adds 1, N times, by FETCH_ADD; answers the last status
 *   cas ADDRESS RKEY N       adds 1, N times, by CAS; answers the last status
 *   fill ADDRESS RKEY BYTES  says "filling", then writes again until it fails, or 20 s long; answers the status
 * </pre>
 *
 * Ends with the input; "leave" ends at once without closing anything.
 */
final class Child {
    private final ProtectionDomain domain;
    private Connection connection;
    private MemoryRegion region;

    private Child(Transport transport) {
        domain = transport.newDomain();
        connection = domain.newConnection(ConnectionOptions.of("parent"));
        region = domain.allocate(Long.BYTES, Fixture.EVERYTHING);
    }

    public static void main(String[] arguments) throws IOException {
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (Transport transport =
                Fixture.open(Path.of(arguments[0]), Arrays.copyOfRange(arguments, 1, arguments.length))) {
            Child child = new Child(transport);
            for (String line = commands.readLine(); line != null; line = commands.readLine()) {
                System.out.println(child.answer(line.split(" ")));
            }
        }
    }

    private String answer(String[] words) {
        try {
            return switch (words[0]) {
                case "end" -> end();
                case "connect" -> connect(words[1]);
                case "region" -> region(Long.parseLong(words[1]));
                case "word" -> Long.toString(region.getWord(Long.parseLong(words[1])));
                case "add" -> add(words).name();
                case "cas" -> compareAndSwap(words).name();
                case "fill" -> fill(words).name();
                case "leave" -> leave();
                default -> "what is " + words[0] + "?";
            };
        } catch (FineMemException e) {
            return e.getClass().getSimpleName() + ": " + e.getMessage();
        }
    }

    private static String leave() {
        System.exit(0);
        return "";
    }

    private String end() {
        connection = domain.newConnection(ConnectionOptions.of("parent"));
        return HexFormat.of().formatHex(connection.descriptor());
    }

    private String connect(String descriptor) {
        connection.connect(HexFormat.of().parseHex(descriptor));
        return connection.state().name();
    }

    private String region(long bytes) {
        region = domain.allocate(bytes, Fixture.EVERYTHING);
        return region.address() + " " + region.rkey();
    }

    private CompletionStatus add(String[] words) {
        Chain chain = connection.newChain(1);
        CompletionStatus status = CompletionStatus.SUCCESS;
        for (int i = 0; i < Integer.parseInt(words[3]) && status == CompletionStatus.SUCCESS; i++) {
            chain.clear().fetchAdd(Long.parseLong(words[1]), Integer.parseInt(words[2]), 1);
            status = Fixture.execute(chain);
        }
        return status;
    }

    private CompletionStatus compareAndSwap(String[] words) {
        Chain chain = connection.newChain(1);
        CompletionStatus status = CompletionStatus.SUCCESS;
        long seen = 0;
        for (int done = 0; done < Integer.parseInt(words[3]) && status == CompletionStatus.SUCCESS; ) {
            chain.clear().compareAndSwap(Long.parseLong(words[1]), Integer.parseInt(words[2]), seen, seen + 1);
            status = Fixture.execute(chain);
            long before = status == CompletionStatus.SUCCESS ? chain.word(0) : seen;
            done += before == seen ? 1 : 0;
            seen = before == seen ? seen + 1 : before;
        }
        return status;
    }

    private CompletionStatus fill(String[] words) {
        int bytes = Integer.parseInt(words[3]);
        MemoryRegion source = domain.allocate(bytes, Set.of());
        Chain chain = connection.newChain(1);
        CompletionStatus status = CompletionStatus.SUCCESS;
        long end = System.nanoTime() + Fixture.TIMEOUT_NANOS;
        for (long round = 1; status == CompletionStatus.SUCCESS && System.nanoTime() < end; round++) {
            source.putWord(0, round);
            source.putWord(bytes - Long.BYTES, round);
            chain.clear().write(Long.parseLong(words[1]), Integer.parseInt(words[2]), source, 0, bytes);
            status = Fixture.execute(chain);
            if (round == 2) {
                System.out.println("filling");
            }
        }
        return status;
    }
}
