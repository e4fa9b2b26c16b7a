package io.finemem.it.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.allocator.control.Isolation;
import io.finemem.api.CapabilityRevoked;
import io.finemem.api.RemoteBlock;
import io.finemem.api.RemoteMemory;
import io.finemem.api.ReusableBlock;
import io.finemem.service.client.ServiceClientOptions;
import io.finemem.service.client.ServiceMemory;
import io.finemem.service.server.AllocationService;
import io.finemem.service.server.ServiceOptions;
import io.finemem.spi.transport.ConnectionLost;
import io.finemem.spi.transport.Transport;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A key that was revoked or a connection that failed is a typed exception; the other blocks go on, over a new connection. */
@Timeout(120)
abstract class ReconnectionContract {
    private static final int BYTES = 4096;
    private static final int ROUNDS = 3;

    @TempDir
    Path directory;

    private Transport transport;
    private Pool pool;
    private List<FragileSession> sessions;
    private FineMemAllocator owner;
    private final List<ReusableBlock> ofService = new ArrayList<>();

    abstract Transport open();

    @BeforeEach
    void openPool() {
        transport = open();
        pool = new Pool(transport, Isolation.STRICT, Duration.ofSeconds(60), 4 * Pool.SECTION);
        sessions = pool.sessions();
        owner = pool.owner(AllocatorOptions.defaults().withWorkers(1), sessions);
    }

    @AfterEach
    void close() {
        pool.close();
        transport.close();
    }

    private static void write(RemoteBlock block, long value) {
        block.write(0, ByteBuffer.allocate(BYTES).putLong(0, value).putLong(BYTES - 8, ~value));
    }

    private static void check(RemoteBlock block, long value) {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES);
        block.read(0, bytes);
        assertThat(bytes.getLong(0)).isEqualTo(value);
        assertThat(bytes.getLong(BYTES - 8)).isEqualTo(~value);
    }

    /** What an application does whose connections break again and again. */
    private void assertGoesOn(RemoteMemory memory) {
        RemoteBlock first = memory.allocate(BYTES);
        RemoteBlock second = memory.allocate(BYTES);
        for (int round = 0; round < ROUNDS; round++) {
            write(first, round);
            write(second, -round);
            sessions.forEach(FragileSession::breakHeapConnections);

            assertThatThrownBy(() -> check(first, 0)).isInstanceOf(ConnectionLost.class);

            check(second, -round);
            check(first, round);
            try (RemoteBlock third = memory.allocate(BYTES)) {
                write(third, 5);
                check(third, 5);
            }
        }
        memory.freeAll(List.of(first, second));
        assertThat(memory.statistics().liveBlocks()).isZero();
    }

    @Test
    void anOwnerGoesOnAfterItsConnectionFailed() {
        assertGoesOn(owner);
    }

    @Test
    void anApplicationOfAServiceGoesOnAfterItsConnectionFailed() {
        try (AllocationService service = AllocationService.open(options(), owner, owner::controls);
                ServiceMemory memory = application()) {
            assertGoesOn(memory);
            assertThat(service.sessions()).isOne();
        }
    }

    @Test
    void anApplicationOfAServiceGoesOnAfterAKeyWasRevoked() {
        try (AllocationService service = AllocationService.open(options(), watched(owner), owner::controls);
                ServiceMemory memory = application()) {
            RemoteBlock revoked = memory.allocate(BYTES);
            assertThat(ofService).hasSize(1);
            RemoteBlock kept = memory.allocate(BYTES);
            write(revoked, 1);
            write(kept, 2);
            owner.free(ofService.get(0));
            pool.awaitRevocations();
            for (int round = 0; round < ROUNDS; round++) {
                assertThatThrownBy(() -> check(revoked, 1)).isInstanceOf(CapabilityRevoked.class);
                assertThatThrownBy(() -> write(revoked, 7)).isInstanceOf(CapabilityRevoked.class);
                check(kept, 2);
                try (RemoteBlock more = memory.allocate(BYTES)) {
                    write(more, 3);
                    check(more, 3);
                }
            }
            memory.free(revoked);
            memory.free(kept);
            assertThat(service.sessions()).isOne();
        }
    }

    private ServiceOptions options() {
        return ServiceOptions.at(directory.resolve("service"));
    }

    private ServiceMemory application() {
        return ServiceMemory.open(
                transport,
                ServiceClientOptions.at(directory.resolve("service"), "app").withThreads(1));
    }

    /** The same memory, whose reusable blocks are noted. */
    private RemoteMemory watched(RemoteMemory memory) {
        return (RemoteMemory) Proxy.newProxyInstance(
                RemoteMemory.class.getClassLoader(),
                new Class<?>[] {RemoteMemory.class},
                (proxy, method, arguments) -> {
                    try {
                        Object result = method.invoke(memory, arguments);
                        if (result instanceof ReusableBlock block) {
                            ofService.add(block);
                        }
                        return result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
