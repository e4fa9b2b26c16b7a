package io.finemem.it.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.allocator.control.ConnectionPurpose;
import io.finemem.allocator.control.Isolation;
import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.allocator.control.ResumeToken;
import io.finemem.api.FineMemException;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionOptions;
import io.finemem.spi.transport.ProtectionDomain;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.transport.shm.ShmTransportProvider;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a session of a memory node answers to requests that make no sense; the memory node goes on. */
@Timeout(60)
class ShmSessionBadInputTest {
    private static final ResumeToken TOKEN = ResumeToken.of(1, 2);
    private static final int CHUNK = 4096;

    private Transport transport;
    private Pool pool;
    private MemoryNodeControl session;

    @BeforeEach
    void open() {
        transport = new ShmTransportProvider().open(TransportSettings.empty());
        pool = new Pool(transport, Isolation.STRICT, Duration.ofSeconds(30), Pool.SECTION);
        session = pool.node(0).newSession("bad");
    }

    @AfterEach
    void close() {
        session.close();
        pool.awaitOwners(0);
        pool.owner().allocate(CHUNK).close();
        assertThat(pool.auditedChunks()).isZero();
        pool.close();
        transport.close();
    }

    private static Arguments call(String name, Consumer<MemoryNodeControl> call, String text) {
        return Arguments.of(name, call, text);
    }

    static Arguments[] unregistered() {
        String text = "the session is not registered as an owner [peer=bad]";
        return new Arguments[] {
            call("growJournal", MemoryNodeControl::growJournal, text),
            call("connect", control -> control.connect(ConnectionPurpose.METADATA, new byte[8]), text),
            call("disconnect", control -> control.disconnect(1), text),
            call("heartbeat", control -> control.heartbeat(0), text),
            call("resolve", control -> control.resolve(new int[] {0}), text),
            call("leave", MemoryNodeControl::leave, text),
            call("resume", control -> control.resume(77, TOKEN), "")
        };
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("unregistered")
    void requestOfWhoIsNoOwnerIsRefused(String name, Consumer<MemoryNodeControl> call, String text) {
        assertThatThrownBy(() -> call.accept(session))
                .isInstanceOf(FineMemException.class)
                .hasMessageContaining(text);
    }

    static Arguments[] outOfRange() {
        return new Arguments[] {
            call("register", MemoryNodeControl::register, "the session is registered already"),
            call("resume", control -> control.resume(1, TOKEN), "the session is registered already"),
            call("foreign slot", control -> control.resolve(new int[] {256}), "the journal slot is not the owner's"),
            call(
                    "slot out of the journal",
                    control -> control.resolve(new int[] {Integer.MAX_VALUE}),
                    "the journal slot is not the owner's"),
            call("slot -1", control -> control.resolve(new int[] {-1}), "the journal slot is not the owner's")
        };
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("outOfRange")
    void numberThatIsNotTheOwnersIsRefused(String name, Consumer<MemoryNodeControl> call, String text) {
        session.register();
        assertThatThrownBy(() -> call.accept(session))
                .isInstanceOf(FineMemException.class)
                .hasMessageContaining(text);
    }

    @Test
    void noDescriptorButATrueOneIsServed() {
        long seed = Long.getLong("finemem.seed", System.nanoTime());
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        session.register();
        try (ProtectionDomain domain = transport.newDomain();
                Connection end = domain.newConnection(new ConnectionOptions("bad", 1, Set.of()))) {
            byte[] right = end.descriptor();
            for (int i = 0; i < 500; i++) {
                byte[] wrong = Arrays.copyOf(right, random.nextInt(right.length + 8));
                for (int changes = 1 + random.nextInt(4); changes > 0 && wrong.length > 0; changes--) {
                    wrong[random.nextInt(wrong.length)] ^= (byte) (1 + random.nextInt(255));
                }
                if (!Arrays.equals(wrong, right)) {
                    assertThatThrownBy(() -> session.connect(ConnectionPurpose.HEAP, wrong))
                            .as("seed %d, round %d", seed, i)
                            .isInstanceOf(FineMemException.class);
                }
            }
            assertThat(session.connect(ConnectionPurpose.HEAP, right)).isNotNull();
        }
    }

    @Test
    void journalThatGrowsWithoutEndEndsWithATypedError() {
        session.register();
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 1 << 20; i++) {
                        session.growJournal();
                    }
                })
                .isInstanceOf(FineMemException.class)
                .hasMessageContaining("journal");
    }
}
