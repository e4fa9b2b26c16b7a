package io.finemem.it.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.api.OutOfRemoteMemory;
import io.finemem.api.RemoteBlock;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.transport.shm.ShmTransportProvider;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A claim of many sections that is being rolled back looks like room in use; it is not taken for a full pool. */
class ShmLookAgainTest {
    private static final int SECTIONS = 40;
    private static final long WANTED = 16 * Pool.SECTION;
    /** Chains of a search that knows the section words and finds no room: two looks at section words, one at headers. */
    private static final int CHAINS_OF_A_SEARCH = 3;

    private final Transport transport = new ShmTransportProvider().open(TransportSettings.empty());
    private final ExecutorService threads = Executors.newSingleThreadExecutor();
    private final CountDownLatch halfDone = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);

    @AfterEach
    void close() {
        goOn.countDown();
        threads.shutdown();
        transport.close();
    }

    /** Claims all sections but finds that one is taken: stays before the chain that gives the others back. */
    private Future<?> claimThatFails(Pool pool) throws InterruptedException {
        WatchedTransport watched = new WatchedTransport(transport);
        FineMemAllocator memory = open(pool, watched);
        watched.before(1, () -> {
            halfDone.countDown();
            await(goOn);
        });
        Future<?> claim = threads.submit(() -> assertThatThrownBy(() -> memory.allocate(SECTIONS * Pool.SECTION))
                .isInstanceOf(OutOfRemoteMemory.class));
        assertThat(halfDone.await(10, TimeUnit.SECONDS)).isTrue();
        return claim;
    }

    private static FineMemAllocator open(Pool pool, WatchedTransport watched) {
        return FineMemAllocator.open(
                watched.transport(),
                List.copyOf(pool.sessions()),
                AllocatorOptions.defaults().withWorkers(1));
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void letItGiveBack(Future<?> claim) {
        goOn.countDown();
        try {
            claim.get(10, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void roomThatIsGivenBackAfterASearchFoundNoneIsFound() throws Exception {
        WatchedTransport watched = new WatchedTransport(transport);
        try (Pool pool = new Pool(transport, SECTIONS * Pool.SECTION);
                FineMemAllocator memory = open(pool, watched)) {
            pool.owner().allocate(Pool.SECTION);
            Future<?> other = claimThatFails(pool);
            assertThatThrownBy(() -> memory.allocate(WANTED)).isInstanceOf(OutOfRemoteMemory.class);
            int before = watched.chains();
            assertThatThrownBy(() -> memory.allocate(WANTED)).isInstanceOf(OutOfRemoteMemory.class);
            assertThat(watched.chains() - before)
                    .as("a search, and one look whether words have moved since")
                    .isEqualTo(CHAINS_OF_A_SEARCH + 1);

            watched.before(CHAINS_OF_A_SEARCH, () -> letItGiveBack(other));
            try (RemoteBlock block = memory.allocate(WANTED)) {
                assertThat(block.length()).isEqualTo(WANTED);
            }
        }
    }

    @Test
    void searchWhoseClaimCollidedLooksAgainThoughNothingMovesAtFirst() throws Exception {
        WatchedTransport watched = new WatchedTransport(transport);
        try (Pool pool = new Pool(transport, SECTIONS * Pool.SECTION);
                FineMemAllocator memory = open(pool, watched)) {
            pool.owner().allocate(Pool.SECTION);
            Future<?> other = claimThatFails(pool);

            watched.before(4 * (CHAINS_OF_A_SEARCH + 1), () -> letItGiveBack(other));
            try (RemoteBlock block = memory.allocate(WANTED)) {
                assertThat(block.length()).isEqualTo(WANTED);
            }
        }
    }

    @Test
    void fullPoolIsFoundFullAfterABoundedNumberOfLooks() {
        WatchedTransport watched = new WatchedTransport(transport);
        try (Pool pool = new Pool(transport, SECTIONS * Pool.SECTION);
                FineMemAllocator memory = open(pool, watched)) {
            pool.owner().allocate(SECTIONS * Pool.SECTION);
            assertThatThrownBy(() -> memory.allocate(WANTED)).isInstanceOf(OutOfRemoteMemory.class);
            int before = watched.chains();
            assertThatThrownBy(() -> memory.allocate(WANTED)).isInstanceOf(OutOfRemoteMemory.class);
            assertThat(watched.chains() - before).isEqualTo(CHAINS_OF_A_SEARCH + 1);
        }
    }
}
