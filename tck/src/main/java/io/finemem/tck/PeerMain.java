package io.finemem.tck;

import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionOptions;
import io.finemem.spi.transport.MemoryRegion;
import io.finemem.spi.transport.ProtectionDomain;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportProvider;
import io.finemem.spi.transport.TransportSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * The peer process: one domain, one region, some connections, and commands that come as lines on the standard input.
 * Each is answered by one line; the end of the input is the end of the process.
 *
 * <pre>
 *   connect HEX                          connects a new end, answers its number and descriptor: N HEX
 *   word OFFSET                          the word of the own region as the CPU sees it
 *   write N ADDRESS RKEY VALUE           status of a WRITE of a word
 *   add N ADDRESS RKEY TIMES             FETCH_ADDs of 1, answers how many succeeded
 *   hammer N ADDRESS RKEY                starts FETCH_ADDs of 1 that do not stop by themselves
 *   ended N                              waits until the hammer on N has ended, answers with what status
 *   fence N                              fences the end
 * </pre>
 */
public final class PeerMain {
    /** Prefix of answers: whatever else the JVM prints is not one. */
    static final String ANSWER = "peer> ";

    private final ProtectionDomain domain;
    private final MemoryRegion region;
    private final Duration patience;
    private final List<Connection> connections = new ArrayList<>();
    private final Map<Integer, Poster> posters = new HashMap<>();
    private final Map<Integer, Hammer> hammers = new HashMap<>();

    private PeerMain(Transport transport, Duration patience) {
        this.domain = transport.newDomain();
        this.region = domain.allocate(64 << 10, Fabric.REMOTE_ALL);
        this.patience = patience;
    }

    /**
     * Arguments: class of the provider, patience in milliseconds, prefix of the settings, then settings as KEY=VALUE.
     */
    public static void main(String[] arguments) throws IOException, ReflectiveOperationException {
        TransportProvider provider = (TransportProvider)
                Class.forName(arguments[0]).getDeclaredConstructor().newInstance();
        Map<String, String> values = new HashMap<>();
        for (int i = 3; i < arguments.length; i++) {
            int equals = arguments[i].indexOf('=');
            values.put(arguments[i].substring(0, equals), arguments[i].substring(equals + 1));
        }
        try (Transport transport = provider.open(TransportSettings.of(arguments[2], values));
                BufferedReader input =
                        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
            PeerMain peer = new PeerMain(transport, Duration.ofMillis(Long.parseLong(arguments[1])));
            answer(peer.region.address() + " " + peer.region.rkey());
            peer.obey(input);
        }
    }

    private void obey(BufferedReader input) throws IOException {
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            try {
                answer(obey(line.split(" ")));
            } catch (RuntimeException | AssertionError e) {
                e.printStackTrace();
                answer("error " + e.toString().replace('\n', ' '));
            }
        }
    }

    private static void answer(String text) {
        System.out.println(ANSWER + text);
        System.out.flush();
    }

    private String obey(String[] command) {
        return switch (command[0]) {
            case "connect" -> connect(command[1]);
            case "word" -> Long.toString(region.getWord(number(command[1])));
            case "write" -> write(command).toString();
            case "add" -> Long.toString(add(command));
            case "hammer" -> hammer(command);
            case "ended" -> hammers.get(index(command)).awaitEnd().toString();
            case "fence" -> fence(index(command));
            default -> throw new IllegalArgumentException("unknown command " + command[0]);
        };
    }

    private String connect(String descriptor) {
        Connection connection = domain.newConnection(ConnectionOptions.of("parent"));
        byte[] own = connection.descriptor();
        connection.connect(HexFormat.of().parseHex(descriptor));
        connections.add(connection);
        return connections.size() - 1 + " " + HexFormat.of().formatHex(own);
    }

    private Poster poster(int index) {
        return posters.computeIfAbsent(index, key -> new Poster(connections.get(key), patience));
    }

    private CompletionStatus write(String[] command) {
        return poster(index(command))
                .post(chain -> chain.writeWord(number(command[2]), (int) number(command[3]), number(command[4])));
    }

    private long add(String[] command) {
        Poster poster = poster(index(command));
        long done = 0;
        for (long i = number(command[4]); i > 0; i--) {
            CompletionStatus status = poster.post(chain -> add(chain, command));
            done += status == CompletionStatus.SUCCESS ? 1 : 0;
        }
        return done;
    }

    private static void add(Chain chain, String[] command) {
        chain.fetchAdd(number(command[2]), (int) number(command[3]), 1);
    }

    private String hammer(String[] command) {
        Hammer hammer = Hammer.start(connections.get(index(command)), patience, chain -> add(chain, command));
        hammers.put(index(command), hammer);
        hammer.awaitAcknowledged(10);
        return "hammering";
    }

    private String fence(int index) {
        connections.get(index).fence(patience.toNanos());
        return connections.get(index).state().toString();
    }

    private static int index(String[] command) {
        return Integer.parseInt(command[1]);
    }

    private static long number(String text) {
        return Long.parseLong(text);
    }
}
