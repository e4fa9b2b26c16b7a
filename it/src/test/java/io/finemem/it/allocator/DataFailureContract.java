package io.finemem.it.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.allocator.FineMemAllocator;
import io.finemem.allocator.control.Isolation;
import io.finemem.api.BufferPool;
import io.finemem.api.CapabilityRevoked;
import io.finemem.api.FineMemException;
import io.finemem.api.RegisteredBuffer;
import io.finemem.api.RemoteBlock;
import io.finemem.spi.transport.ConnectionLost;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of transfers when a key is revoked or a connection fails; by a client that holds no metadata key. */
abstract class DataFailureContract extends PoolContract {
    private static final int CHUNK = 4096;
    private static final int LARGE = 16 << 20;

    private FineMemAllocator owner;
    private DataClient client;
    private BufferPool buffers;

    @Override
    final Isolation isolation() {
        return Isolation.STRICT;
    }

    @BeforeEach
    void openPool() {
        pool(Duration.ofSeconds(60), 4 * Pool.SECTION);
        owner = pool.owner();
        client = new DataClient(transport, pool.node(0), 1);
        buffers = client.path().buffers();
    }

    @AfterEach
    void closeClient() {
        client.close();
    }

    private static Throwable failure(CompletionStage<?> stage) {
        return stage.handle((result, thrown) -> thrown)
                .toCompletableFuture()
                .orTimeout(90, TimeUnit.SECONDS)
                .join();
    }

    private void revoke(RemoteBlock block) {
        block.close();
        pool.awaitRevocations();
    }

    @Test
    void revokedKeyIsATypedExceptionOfItsBlockAndTheOthersGoOn() {
        RemoteBlock ended = owner.allocate(CHUNK);
        RemoteBlock kept = owner.allocate(CHUNK);
        RemoteBlock first = client.block(ended.handle());
        RemoteBlock second = client.block(kept.handle());
        try (RegisteredBuffer buffer = buffers.acquire(CHUNK)) {
            first.write(0, buffer, 0, CHUNK);
            second.write(0, buffer, 0, CHUNK);
            revoke(ended);

            assertThatThrownBy(() -> first.read(0, buffer, 0, CHUNK)).isInstanceOf(CapabilityRevoked.class);
            second.read(0, buffer, 0, CHUNK);
            assertThatThrownBy(() -> first.fetchAdd(0, 1)).isInstanceOf(CapabilityRevoked.class);
            assertThat(second.fetchAdd(0, 1)).isEqualTo(buffer.bytes().getLong(0));
        }
        second.close();
        assertThat(client.freed()).singleElement().satisfies(held -> assertThat(held.address())
                .isEqualTo(kept.handle().address()));
    }

    @Test
    void revokedKeyEndsItsOwnTransfersAndReadsOfOtherBlocksThatWereUnderWaySucceed() {
        RemoteBlock ended = owner.allocate(CHUNK);
        RemoteBlock kept = owner.allocate(CHUNK);
        RemoteBlock first = client.block(ended.handle());
        RemoteBlock second = client.block(kept.handle());
        revoke(ended);
        List<CompletionStage<Void>> refused = new ArrayList<>();
        List<CompletionStage<Void>> read = new ArrayList<>();
        List<RegisteredBuffer> targets = new ArrayList<>();
        second.fetchAdd(8, 77 - second.fetchAdd(8, 0));
        for (int i = 0; i < 20; i++) {
            targets.add(buffers.acquire(CHUNK));
            read.add(second.readAsync(0, targets.get(2 * i), 0, CHUNK));
            targets.add(buffers.acquire(CHUNK));
            refused.add(first.writeAsync(0, targets.get(2 * i + 1), 0, CHUNK));
        }
        for (int i = 0; i < 20; i++) {
            assertThat(failure(refused.get(i)))
                    .as("write %d", i)
                    .isInstanceOfAny(CapabilityRevoked.class, ConnectionLost.class);
            Throwable failed = failure(read.get(i));
            if (failed != null) {
                assertThat(failed).as("read %d, after it began anew twice", i).isInstanceOf(ConnectionLost.class);
            } else {
                assertThat(targets.get(2 * i).bytes().getLong(8)).isEqualTo(77);
            }
        }
        assertThat(failure(refused.get(0))).isInstanceOf(CapabilityRevoked.class);
        assertThat(failure(read.get(0))).isNull();
        targets.forEach(RegisteredBuffer::close);
    }

    @Test
    void brokenConnectionIsATypedExceptionAndTheNextOperationHasANewOne() {
        RemoteBlock block = client.block(owner.allocate(CHUNK).handle());
        try (RegisteredBuffer buffer = buffers.acquire(CHUNK)) {
            buffer.bytes().putLong(0, 5);
            block.write(0, buffer, 0, CHUNK);
            int connections = client.connections();
            client.breakConnections();

            assertThatThrownBy(() -> block.read(0, buffer, 0, CHUNK))
                    .isInstanceOf(ConnectionLost.class)
                    .hasMessageContaining("unknown");
            block.read(0, buffer, 0, CHUNK);

            assertThat(buffer.bytes().getLong(0)).isEqualTo(5);
            assertThat(client.connections()).isEqualTo(connections + 1);
        }
    }

    @Test
    void asynchronousTransfersUnderWayWhenTheConnectionFailsAllEndAndLaterOnesSucceed() {
        RemoteBlock block = client.block(owner.allocate(CHUNK).handle());
        List<CompletionStage<Void>> stages = new ArrayList<>();
        RegisteredBuffer[] held = new RegisteredBuffer[64];
        for (int i = 0; i < held.length; i++) {
            held[i] = buffers.acquire(CHUNK);
        }
        assertThat(failure(block.writeAsync(0, held[0], 0, CHUNK))).isNull();
        client.breakConnections();
        for (RegisteredBuffer buffer : held) {
            stages.add(block.writeAsync(0, buffer, 0, CHUNK));
            buffer.close();
        }
        List<Throwable> failures = new ArrayList<>();
        for (CompletionStage<Void> stage : stages) {
            Throwable failed = failure(stage);
            if (failed != null) {
                failures.add(failed);
            }
        }

        assertThat(failures).isNotEmpty().allSatisfy(failed -> assertThat(failed)
                .isInstanceOf(ConnectionLost.class)
                .hasMessageContaining("unknown"));
        try (RegisteredBuffer buffer = buffers.acquire(CHUNK)) {
            assertThat(failure(block.writeAsync(0, buffer, 0, CHUNK))).isNull();
        }
    }

    @Test
    void closeOfThePathEndsEveryTransferOneWayOrTheOther() {
        RemoteBlock block = client.block(owner.allocate(LARGE / 4).handle());
        RegisteredBuffer buffer = buffers.acquire(LARGE / 4);
        List<CompletableFuture<Throwable>> stages = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            stages.add(block.writeAsync(0, buffer, 0, 100_000)
                    .handle((done, failed) -> failed)
                    .toCompletableFuture());
        }
        client.path().shut();

        for (CompletableFuture<Throwable> stage : stages) {
            Throwable failed = stage.orTimeout(60, TimeUnit.SECONDS).join();
            if (failed != null) {
                assertThat(failed).isInstanceOf(FineMemException.class).hasMessageContaining("closed");
            }
        }
        assertThat(failure(block.readAsync(0, buffer, 0, 1))).hasMessageContaining("closed");
    }
}
