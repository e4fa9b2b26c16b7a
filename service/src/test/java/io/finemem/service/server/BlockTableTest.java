package io.finemem.service.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.api.RemoteBlock;
import java.lang.reflect.Proxy;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BlockTableTest {
    private final BlockTable table = new BlockTable();

    private static RemoteBlock block() {
        return (RemoteBlock) Proxy.newProxyInstance(
                RemoteBlock.class.getClassLoader(), new Class<?>[] {RemoteBlock.class}, (proxy, method, arguments) -> {
                    throw new UnsupportedOperationException(method.getName());
                });
    }

    @Test
    void aHandleNamesItsBlockUntilItIsTakenAndNothingAfterwards() {
        RemoteBlock first = block();
        long handle = table.add(first);
        assertThat(table.get(handle) == first).isTrue();
        assertThat(table.take(handle) == first).isTrue();
        assertThat(table.take(handle)).isNull();
        table.retire(handle);
        long next = table.add(block());
        assertThat((int) next).as("the index is used again").isEqualTo((int) handle);
        assertThat(next).isNotEqualTo(handle);
        assertThat(table.get(handle)).isNull();
        assertThat(table.live()).isEqualTo(1);
    }

    @Test
    void aTakenBlockCanBeRestored() {
        RemoteBlock block = block();
        long handle = table.add(block);
        table.take(handle);
        table.restore(handle, block);
        assertThat(table.get(handle) == block).isTrue();
        assertThat(table.drain()).hasSize(1);
        assertThat(table.live()).isZero();
    }

    @Test
    void numbersThatWereNeverGivenOutNameNothing() {
        Set<Long> given = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            given.add(table.add(block()));
        }
        assertThat(given).hasSize(1000);
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 100_000; i++) {
            long guess = i % 2 == 0 ? random.nextLong() : (long) random.nextInt(4) << 32 | random.nextInt(-5, 2000);
            assertThat(table.get(guess) != null)
                    .as("seed %d guess %x", seed, guess)
                    .isEqualTo(given.contains(guess));
        }
    }
}
