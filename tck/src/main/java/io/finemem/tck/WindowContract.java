package io.finemem.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.spi.transport.Access;
import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.MemoryRegion;
import io.finemem.spi.transport.MemoryWindow;
import io.finemem.spi.transport.Operation;
import io.finemem.spi.transport.ProtectionDomain;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** R8: windows give a part of a region an rkey of its own, and take it back. */
abstract class WindowContract extends WindowGround {
    /** A transport that declares no windows makes none; one that does, does. */
    @Test
    void windowsExistAsDeclared() {
        assertThat(capabilities().maxWindows() > 0).isEqualTo(capabilities().memoryWindows());
        if (!capabilities().memoryWindows()) {
            assertInvalid(() -> fabric().servingDomain().newWindow());
            return;
        }
        try (MemoryWindow window = newWindow()) {
            assertThat(window.domain()).isSameAs(fabric().servingDomain());
            assertThat(window.rkey()).isZero();
            assertThat(window.bindCount()).isZero();
        }
    }

    /** R8: a bound window opens its range for what the bind allows. */
    @Test
    void boundWindowOpensItsRange() {
        try (MemoryWindow window = newWindow()) {
            bind(window, START, LENGTH, Fabric.REMOTE_ALL);
            assertThat(window.rkey()).isNotZero().isNotEqualTo(pool.rkey());
            assertThat(window.bindCount()).isEqualTo(1);
            fillPattern(local, 0, LENGTH, 1);
            poster().complete(chain -> chain.write(inPool(START), window.rkey(), local, 0, LENGTH));
            assertSame(local, 0, pool, START, LENGTH);
            poster().complete(chain -> chain.read(inPool(START), window.rkey(), local, LENGTH, LENGTH));
            assertSame(local, 0, local, LENGTH, LENGTH);
            long before = pool.getWord(START);
            assertThat(poster().fetchAdd(inPool(START), window.rkey(), 1)).isEqualTo(before);
        }
    }

    /** R8: a window is open to all connections of its domain, and to no other domain. */
    @Test
    void windowIsOpenToItsDomainOnly() {
        try (MemoryWindow window = newWindow();
                ProtectionDomain other = fabric().serving().newDomain();
                ConnectedPair foreign = ConnectedPair.connect(fabric().initiatingDomain(), other);
                ConnectedPair second = fabric().connect()) {
            bind(window, START, LENGTH, Fabric.REMOTE_ALL);
            fabric().poster(second).writeWord(inPool(START), window.rkey(), 1);
            poster().writeWord(inPool(START + 8), window.rkey(), 2);
            assertRefused(foreign.initiator(), chain -> chain.writeWord(inPool(START), window.rkey(), 3));
            assertThat(pool.getWord(START)).isEqualTo(1);
        }
    }

    /** R8: a rebind gives a new rkey and ends the old one. */
    @Test
    void rebindEndsTheOldRkey() {
        try (MemoryWindow window = newWindow()) {
            bind(window, START, LENGTH, Fabric.REMOTE_ALL);
            int old = window.rkey();
            poster().writeWord(inPool(START), old, 1);
            bind(window, START, LENGTH, Fabric.REMOTE_ALL);
            assertThat(window.rkey()).isNotEqualTo(old);
            assertThat(window.bindCount()).isEqualTo(2);
            assertRefused(chain -> chain.writeWord(inPool(START), old, 2));
            assertRefused(chain -> chain.readWord(inPool(START), old));
            assertRefused(chain -> chain.fetchAdd(inPool(START), old, 2));
            assertThat(pool.getWord(START)).isEqualTo(1);
            poster().writeWord(inPool(START), window.rkey(), 3);
        }
    }

    /** R8: an invalidate ends the rkey; the window can be bound again. */
    @Test
    void invalidateEndsTheRkey() {
        try (MemoryWindow window = newWindow()) {
            bind(window, START, LENGTH, Fabric.REMOTE_ALL);
            int old = window.rkey();
            complete(chain -> chain.invalidate(window));
            assertThat(window.rkey()).isZero();
            assertRefused(chain -> chain.writeWord(inPool(START), old, 1));
            bind(window, START, LENGTH, Fabric.REMOTE_ALL);
            assertThat(window.rkey()).isNotEqualTo(old);
            poster().writeWord(inPool(START), window.rkey(), 2);
            assertRefused(chain -> chain.writeWord(inPool(START), old, 3));
            assertThat(pool.getWord(START)).isEqualTo(2);
        }
    }

    /** R8: closing a window ends its rkey at once; the region below stays open. */
    @Test
    void closeEndsTheRkey() {
        MemoryWindow window = newWindow();
        bind(window, START, LENGTH, Fabric.REMOTE_ALL);
        int old = window.rkey();
        window.close();
        window.close();
        assertRefused(chain -> chain.writeWord(inPool(START), old, 1));
        poster().writeWord(inPool(START), pool.rkey(), 2);
    }

    /** R7: what a bind does not allow is refused through the window, whatever the region allows. */
    @ParameterizedTest
    @CsvSource({"REMOTE_READ", "REMOTE_WRITE", "REMOTE_ATOMIC"})
    void windowServesOnlyWhatItsBindAllows(Access allowed) {
        try (MemoryWindow window = newWindow()) {
            bind(window, START, LENGTH, Set.of(allowed));
            List<Consumer<Chain>> accesses = List.of(
                    chain -> chain.readWord(inPool(START), window.rkey()),
                    chain -> chain.writeWord(inPool(START), window.rkey(), 5),
                    chain -> chain.fetchAdd(inPool(START), window.rkey(), 0));
            for (int kind = 0; kind < accesses.size(); kind++) {
                if (kind == allowed.ordinal()) {
                    poster().complete(accesses.get(kind));
                } else {
                    assertRefused(accesses.get(kind));
                }
            }
        }
    }

    /** R7: access outside the window but inside the region: refused, or served, exactly as declared. */
    @ParameterizedTest
    @CsvSource({"8184,8", "12288,8", "12284,8", "8188,8", "0,8", "65528,8"})
    void boundsOfAWindowAreEnforcedAsDeclared(int offset, int length) {
        try (MemoryWindow window = newWindow()) {
            bind(window, START, LENGTH, Fabric.REMOTE_ALL);
            local.fill(0, length, (byte) 7);
            Consumer<Chain> outside = chain -> chain.write(inPool(offset), window.rkey(), local, 0, length);
            if (capabilities().windowBoundsEnforced()) {
                assertRefused(outside);
                assertThat(bytes(pool, offset, length)).containsOnly(0);
            } else {
                assertThat(outcome(outside))
                        .as("bounds are declared as not enforced; if that has changed, declare it")
                        .isEqualTo(CompletionStatus.SUCCESS);
                assertThat(bytes(pool, offset, length)).containsOnly(7);
            }
        }
    }

    /** R7: access outside the region below is refused through a window too. */
    @Test
    void accessOutsideTheRegionIsRefusedThroughAWindow() {
        try (MemoryWindow window = newWindow()) {
            bind(window, REGION_BYTES - LENGTH, LENGTH, Fabric.REMOTE_ALL);
            poster().writeWord(inPool(REGION_BYTES - 8), window.rkey(), 1);
            assertRefused(chain -> chain.writeWord(inPool(REGION_BYTES), window.rkey(), 1));
            assertRefused(chain -> chain.writeWord(inPool(-8), window.rkey(), 1));
        }
    }

    /** R8: a rebind to another range moves the window. */
    @Test
    void rebindMovesTheWindow() {
        try (MemoryWindow window = newWindow()) {
            bind(window, START, LENGTH, Fabric.REMOTE_ALL);
            bind(window, START + LENGTH, LENGTH, Fabric.REMOTE_ALL);
            poster().writeWord(inPool(START + LENGTH), window.rkey(), 1);
            assertThat(pool.getWord(START + LENGTH)).isEqualTo(1);
            if (capabilities().windowBoundsEnforced()) {
                assertRefused(chain -> chain.writeWord(inPool(START), window.rkey(), 1));
            }
        }
    }

    /** R8: rkeys of one window come back after exactly as many binds as declared, and never before. */
    @Test
    void rkeysOfAWindowComeBackAsDeclared() {
        try (MemoryWindow window = newWindow()) {
            int period = capabilities().windowKeyPeriod();
            int binds = period == 0 ? 1000 : Math.min(period, 4096);
            Set<Integer> seen = new HashSet<>();
            for (int i = 0; i < binds; i++) {
                bind(window, START, LENGTH, Fabric.REMOTE_ALL);
                assertThat(seen.add(window.rkey()))
                        .as("rkey of bind %d is new", i)
                        .isTrue();
            }
            bind(window, START, LENGTH, Fabric.REMOTE_ALL);
            assertThat(seen.contains(window.rkey())).isEqualTo(period == binds);
            assertThat(window.bindCount()).isEqualTo(binds + 1L);
        }
    }

    /** R8: many windows live side by side with rkeys of their own; one chain binds several. */
    @Test
    void manyWindowsLiveSideBySide() {
        List<MemoryWindow> windows = new ArrayList<>();
        try {
            Set<Integer> keys = new HashSet<>();
            for (int group = 0; group < 32; group++) {
                int first = windows.size();
                for (int i = 0; i < 8; i++) {
                    windows.add(newWindow());
                }
                complete(chain -> windows.subList(first, first + 8)
                        .forEach(window -> chain.bind(window, pool, 64, 64, Fabric.REMOTE_ALL)));
            }
            windows.forEach(window -> assertThat(keys.add(window.rkey())).isTrue());
            windows.get(0).close();
            poster().writeWord(inPool(64), windows.get(1).rkey(), 4);
            poster().writeWord(inPool(72), windows.get(255).rkey(), 5);
            assertRefused(chain -> chain.writeWord(inPool(64), keyOfClosed(keys, windows), 6));
        } finally {
            windows.forEach(MemoryWindow::close);
        }
    }

    private static int keyOfClosed(Set<Integer> keys, List<MemoryWindow> windows) {
        Set<Integer> left = new HashSet<>(keys);
        windows.stream().skip(1).forEach(window -> left.remove(window.rkey()));
        return left.iterator().next();
    }

    /** A window may open a region that has no remote right of its own. */
    @Test
    void windowOpensARegionThatIsOtherwiseClosed() {
        try (MemoryWindow window = newWindow();
                MemoryRegion closedRegion = fabric().servingDomain().allocate(4096, Set.of(Access.WINDOW_BIND))) {
            assertThat(closedRegion.rkey()).isZero();
            complete(chain -> chain.bind(window, closedRegion, 0, 4096, Fabric.REMOTE_ALL));
            poster().writeWord(closedRegion.address(), window.rkey(), 9);
            assertThat(closedRegion.getWord(0)).isEqualTo(9);
            complete(chain -> chain.invalidate(window));
        }
    }

    /** R8 under fire: once a rebind has completed, a peer that hammers with the old rkey has no effect any more. */
    @Test
    void rebindUnderFireStopsTheOldRkey() {
        try (MemoryWindow window = newWindow()) {
            for (int round = 0; round < 3; round++) {
                bind(window, START, LENGTH, Fabric.REMOTE_ALL);
                int old = window.rkey();
                try (ConnectedPair pair = fabric().connect();
                        Hammer hammer = Hammer.start(
                                pair.initiator(), patience(), chain -> chain.fetchAdd(inPool(START), old, 1))) {
                    hammer.awaitAcknowledged(20);
                    bind(window, START, LENGTH, Fabric.REMOTE_ALL);
                    long frozen = pool.getWord(START);
                    assertThat(hammer.awaitEnd()).isEqualTo(CompletionStatus.REMOTE_ACCESS_ERROR);
                    assertThat(pool.getWord(START) - frozen)
                            .as("executed after the rebind")
                            .isBetween(0L, fabric().underTest().revokesLate() ? 1L : 0L);
                    assertThat(frozen).isGreaterThanOrEqualTo(20);
                    pool.putWord(START, 0);
                }
            }
        }
    }

    /**
     * R8: a bind and the WRITE that publishes its rkey fit into one chain: peers that see the word may use the window.
     */
    @Test
    void windowElementsMixWithOthersInOneChain() {
        try (MemoryWindow first = newWindow();
                MemoryWindow second = newWindow()) {
            long bindsBefore = binding.initiator().counters().posted(Operation.BIND_WINDOW);
            complete(chain -> {
                chain.bind(first, pool, START, LENGTH, Fabric.REMOTE_ALL);
                chain.writeWord(inPool(0), pool.rkey(), 1);
                chain.bind(second, pool, START, LENGTH, Set.of(Access.REMOTE_READ));
                chain.fetchAdd(inPool(0), pool.rkey(), 1);
            });
            assertThat(binding.initiator().counters().posted(Operation.BIND_WINDOW))
                    .isEqualTo(bindsBefore + 2);
            assertThat(pool.getWord(0)).isEqualTo(2);
            poster().writeWord(inPool(START), first.rkey(), 3);
            assertThat(poster().readWord(inPool(START), second.rkey())).isEqualTo(3);
        }
    }
}
