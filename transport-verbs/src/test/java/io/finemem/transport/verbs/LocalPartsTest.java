package io.finemem.transport.verbs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.api.OutOfLocalResources;
import io.finemem.spi.memory.HugePagePool;
import io.finemem.spi.memory.HugePages;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.verbs.ffi.NativeMemory;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Parts that need no device: memory, the guard, completion codes. */
@Timeout(60)
class LocalPartsTest {
    private static final long LONG = TimeUnit.SECONDS.toNanos(30);

    @Test
    void mappedMemoryIsZeroedAlignedAndCanBeUsedToItsEnd() {
        MappedMemory memory = MappedMemory.map(10_000, 0);
        assertThat(memory.address() % 4096).isZero();
        assertThat(memory.mappedBytes()).isEqualTo(12_288);
        assertThat(NativeMemory.getLong(memory.address() + 12_280)).isZero();
        NativeMemory.putLong(memory.address() + 12_280, 1);
        memory.unmap();
    }

    @Test
    void moreMemoryThanThereIsIsRefusedBeforeItIsTouched() {
        assertThatThrownBy(() -> MappedMemory.map(1L << 50, 0))
                .isInstanceOf(OutOfLocalResources.class)
                .hasMessageContaining("availableBytes=");
    }

    @Test
    void missingHugePagesAreNamedWithTheRemedy() {
        TransportSettings settings = TransportSettings.of("finemem.transport.verbs", Map.of("hugepages", "true"));
        HugePages wanted = VerbsSettings.of(settings, VerbsSettings.KEYS).hugepages();
        assertThatThrownBy(() -> wanted.pageBytesFor(1L << 50))
                .isInstanceOf(OutOfLocalResources.class)
                .hasMessageStartingWith("finemem.transport.verbs.hugepages = true: ")
                .hasMessageContaining("vm.nr_hugepages");
    }

    /** The kernel knows the page size that the flags ask for, or there are no such pages: never another size. */
    @Test
    void mappingOfHugePagesHasTheirSizeOrFails() {
        long page = 2 << 20;
        if (HugePagePool.ofThisMachine(page).free() == 0) {
            assertThatThrownBy(() -> MappedMemory.map(page, page))
                    .isInstanceOf(OutOfLocalResources.class)
                    .hasMessageContaining("hugePageBytes=" + page);
            return;
        }
        MappedMemory memory = MappedMemory.map(3 << 20, page);
        assertThat(memory.address() % page).isZero();
        assertThat(memory.mappedBytes()).isEqualTo(2 * page);
        NativeMemory.putLong(memory.address() + 2 * page - 8, 1);
        memory.unmap();
    }

    @ParameterizedTest
    @CsvSource({
        "0,SUCCESS", "5,FLUSHED", "6,WINDOW_BIND_ERROR", "9,REMOTE_ACCESS_ERROR", "10,REMOTE_ACCESS_ERROR",
        "11,REMOTE_OPERATION_ERROR", "12,PEER_UNREACHABLE", "13,PEER_UNREACHABLE", "20,PEER_UNREACHABLE",
                "1,LOCAL_ERROR",
        "4,LOCAL_ERROR", "8,LOCAL_ERROR", "99,LOCAL_ERROR"
    })
    void everyCompletionCodeHasAStatus(int code, CompletionStatus status) {
        assertThat(CompletionCodes.status(code)).isEqualTo(status);
    }

    @Test
    void closedGuardLetsNobodyIn() {
        NativeGuard guard = new NativeGuard();
        assertThat(guard.enter()).isTrue();
        guard.leave();
        assertThat(guard.close(System.nanoTime() + LONG)).isTrue();
        assertThat(guard.enter()).isFalse();
        assertThat(guard.close(System.nanoTime())).isTrue();
    }

    @Test
    void closingAGuardGivesUpAtTheDeadlineWhileSomebodyIsInside() {
        NativeGuard guard = new NativeGuard();
        guard.enter();
        assertThat(guard.close(System.nanoTime())).isFalse();
        guard.leave();
        assertThat(guard.close(System.nanoTime() + LONG)).isTrue();
    }

    @Test
    void nobodyIsInsideOnceAGuardIsClosed() throws InterruptedException {
        for (int round = 0; round < 200; round++) {
            NativeGuard guard = new NativeGuard();
            AtomicBoolean released = new AtomicBoolean();
            AtomicBoolean violated = new AtomicBoolean();
            CountDownLatch started = new CountDownLatch(1);
            Thread user = new Thread(() -> {
                started.countDown();
                while (guard.enter()) {
                    violated.compareAndSet(false, released.get());
                    guard.leave();
                }
            });
            user.start();
            started.await();
            assertThat(guard.close(System.nanoTime() + LONG)).isTrue();
            released.set(true);
            user.join();
            assertThat(violated).isFalse();
        }
    }
}
