package io.finemem.transport.shm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.api.InvalidRequest;
import io.finemem.api.OperationTimeout;
import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionOptions;
import io.finemem.spi.transport.ConnectionState;
import io.finemem.spi.transport.MemoryRegion;
import io.finemem.spi.transport.MemoryWindow;
import io.finemem.spi.transport.ProtectionDomain;
import io.finemem.spi.transport.Transport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A peer that is stopped by a signal while it executes a chain. */
class StoppedPeerTest {
    private static final long SHORT_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final int ATTEMPTS = 50;
    private static final int BYTES = 16 << 20;

    @TempDir
    private Path directory;

    private Transport transport;
    private ProtectionDomain domain;
    private MemoryRegion region;
    private ChildProcess child;
    private Connection end;

    @BeforeEach
    void open() throws IOException {
        transport = Fixture.open(directory, ShmSettings.CLOSE_MILLIS, "200");
        domain = transport.newDomain();
        region = domain.allocate(BYTES, Fixture.EVERYTHING);
        child = new ChildProcess(directory);
    }

    @AfterEach
    void close() throws IOException, InterruptedException {
        child.signal("CONT");
        transport.close();
        child.close();
        assertThat(Fixture.files(directory)).isEmpty();
    }

    /** Stops the child until it is stopped between the two writes of its sequence word. */
    private void stopInTheMiddle(int rkey) throws IOException, InterruptedException {
        end = child.connect(domain);
        child.tell("fill " + region.address() + ' ' + rkey + ' ' + BYTES);
        assertThat(child.hear()).isEqualTo("filling");
        for (int i = 0; i < ATTEMPTS; i++) {
            child.signal("STOP");
            long deadline = System.nanoTime() + Fixture.TIMEOUT_NANOS;
            assertThat(Quiescence.await(this::childIsStopped, deadline)).isTrue();
            if (busy()) {
                return;
            }
            child.signal("CONT");
        }
        throw new AssertionError("the child was never stopped in the middle of a chain");
    }

    private boolean busy() {
        End[] requesters = ((ShmDomain) domain).requesters();
        return requesters[requesters.length - 1].busy() != End.IDLE;
    }

    private boolean childIsStopped() {
        try {
            String status = Files.readString(Path.of("/proc", Long.toString(child.pid()), "status"));
            return status.contains("State:\tT");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void theFenceTimesOutAndHoldsWhenItIsRepeated() throws IOException, InterruptedException {
        stopInTheMiddle(region.rkey());
        assertThatThrownBy(() -> end.fence(SHORT_NANOS)).isInstanceOf(OperationTimeout.class);
        assertThat(end.state()).isEqualTo(ConnectionState.CLOSED);
        assertThatThrownBy(() -> end.fence(SHORT_NANOS)).isInstanceOf(OperationTimeout.class);
        child.signal("CONT");
        end.fence(Fixture.TIMEOUT_NANOS);
        region.putWord(0, -1);
        assertThat(child.hear()).isEqualTo(CompletionStatus.PEER_UNREACHABLE.name());
        assertThat(region.getWord(0)).isEqualTo(-1);
    }

    @Test
    void closeSaysThatTheFenceDoesNotHoldAndTheRegionGoesWithoutHarm() throws IOException, InterruptedException {
        stopInTheMiddle(region.rkey());
        assertThatThrownBy(() -> end.close()).isInstanceOf(OperationTimeout.class);
        end.close();
        region.close();
        assertThat(Fixture.files(directory))
                .as("fabrics, and the child's region")
                .hasSize(3);
        child.signal("CONT");
        assertThat(child.hear()).isEqualTo(CompletionStatus.PEER_UNREACHABLE.name());
    }

    /** Binds a window and stops the child while it writes through it. */
    private MemoryWindow stopInTheMiddleOfAWindow() throws IOException, InterruptedException {
        Connection loop = loopBack();
        MemoryWindow window = domain.newWindow();
        Chain chain = loop.newChain(1);
        chain.bind(window, region, 0, BYTES, Fixture.ALL_REMOTE);
        assertThat(Fixture.execute(chain)).isEqualTo(CompletionStatus.SUCCESS);
        loop.close();
        stopInTheMiddle(window.rkey());
        return window;
    }

    private Connection loopBack() {
        Connection loop = domain.newConnection(ConnectionOptions.of("self"));
        loop.connect(loop.descriptor());
        return loop;
    }

    private static Chain submitInvalidate(Connection loop, MemoryWindow window) {
        Chain invalidate = loop.newChain(1);
        invalidate.invalidate(window);
        loop.submit(invalidate);
        assertThat(window.rkey()).isZero();
        for (int i = 0; i < ATTEMPTS; i++) {
            assertThat(loop.poll()).isNull();
        }
        return invalidate;
    }

    private void goOn(Connection loop, Chain invalidate) throws IOException, InterruptedException {
        child.signal("CONT");
        long deadline = System.nanoTime() + Fixture.TIMEOUT_NANOS;
        assertThat(Quiescence.await(() -> loop.poll() == invalidate, deadline)).isTrue();
        assertThat(invalidate.status()).isEqualTo(CompletionStatus.SUCCESS);
        region.putWord(0, -1);
        assertThat(child.hear()).isEqualTo(CompletionStatus.REMOTE_ACCESS_ERROR.name());
        assertThat(region.getWord(0)).isEqualTo(-1);
    }

    @Test
    void anInvalidateCompletesOnlyAfterThePeerHasGoneOn() throws IOException, InterruptedException {
        MemoryWindow window = stopInTheMiddleOfAWindow();
        Connection loop = loopBack();
        goOn(loop, submitInvalidate(loop, window));
    }

    @Test
    void anInvalidateAfterAFlushedOneWaitsForThePeerToo() throws IOException, InterruptedException {
        MemoryWindow window = stopInTheMiddleOfAWindow();
        Connection first = loopBack();
        Chain flushed = submitInvalidate(first, window);
        first.close();
        assertThat(first.poll()).isSameAs(flushed);
        assertThat(flushed.status()).isEqualTo(CompletionStatus.FLUSHED);
        Connection second = loopBack();
        goOn(second, submitInvalidate(second, window));
    }

    @Test
    void aWindowIsNotReleasedBeforeThePeerHasGoneOn() throws IOException, InterruptedException {
        MemoryWindow window = stopInTheMiddleOfAWindow();
        assertThatThrownBy(window::close).isInstanceOf(OperationTimeout.class);
        assertThatThrownBy(region::close).isInstanceOf(InvalidRequest.class);
        child.signal("CONT");
        assertThat(child.hear()).isEqualTo(CompletionStatus.REMOTE_ACCESS_ERROR.name());
        window.close();
        region.close();
    }

    @Test
    void windowsThatTheStoppedPeerDoesNotUseAreBoundAndReleased() throws IOException, InterruptedException {
        MemoryWindow used = stopInTheMiddleOfAWindow();
        Connection loop = loopBack();
        MemoryWindow other = domain.newWindow();
        Chain chain = loop.newChain(2);
        chain.bind(other, region, 0, 8, Fixture.ALL_REMOTE);
        chain.bind(other, region, 8, 8, Fixture.ALL_REMOTE);
        assertThat(Fixture.execute(chain)).isEqualTo(CompletionStatus.SUCCESS);
        chain.clear().invalidate(other);
        assertThat(Fixture.execute(chain)).isEqualTo(CompletionStatus.SUCCESS);
        chain.clear().bind(other, region, 0, 8, Fixture.ALL_REMOTE);
        assertThat(Fixture.execute(chain)).isEqualTo(CompletionStatus.SUCCESS);
        other.close();
        goOn(loop, submitInvalidate(loop, used));
    }

    @Test
    void theStoppedPeerDoesNotHoldUpOtherConnections() throws IOException, InterruptedException {
        stopInTheMiddle(region.rkey());
        MemoryRegion local = domain.allocate(8, Set.of());
        Chain chain = Fixture.connect(domain, domain).client().newChain(2);
        chain.fetchAdd(region.address() + 8, region.rkey(), 0);
        chain.write(region.address() + 8, region.rkey(), local, 0, 8);
        assertThat(Fixture.execute(chain)).isEqualTo(CompletionStatus.SUCCESS);
    }
}
