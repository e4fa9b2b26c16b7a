package io.finemem.allocator.memorynode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.allocator.control.ConnectionPurpose;
import io.finemem.allocator.control.ResumeToken;
import io.finemem.api.AuthenticationFailed;
import io.finemem.api.OwnerFenced;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionState;
import java.lang.reflect.Proxy;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class OwnerRecordTest {
    private final OwnerRecord owner = new OwnerRecord(7, "peer", 1_000, 0, null);
    private final AtomicInteger grants = new AtomicInteger();

    @Test
    void nothingIsGrantedToAnOwnerThatWasDeclaredDead() {
        assertThat(owner.whileLive(OwnerRecord.FIRST, grants::incrementAndGet)).isEqualTo(1);

        assertThat(owner.die()).isTrue();

        assertThatThrownBy(() -> owner.whileLive(OwnerRecord.FIRST, grants::incrementAndGet))
                .isInstanceOf(OwnerFenced.class);
        assertThat(grants).hasValue(1);
    }

    @Test
    void ownerDiesOnceAndItsLeaseRunsOutOnlyWhileItLives() {
        assertThat(owner.leaseExpired(1_000)).isFalse();
        assertThat(owner.leaseExpired(1_001)).isTrue();
        assertThat(owner.die()).isTrue();
        assertThat(owner.die()).isFalse();
        assertThat(owner.leaseExpired(Long.MAX_VALUE)).isFalse();
    }

    @Test
    void ownerThatIsAskedForASignOfLifeHasHalfALeaseToGiveIt() {
        owner.askForLife(100);

        assertThat(owner.leaseExpired(600)).isFalse();
        assertThat(owner.leaseExpired(601)).isTrue();
        assertThat(owner.asked()).isTrue();
    }

    @Test
    void askingAgainDoesNotPutOffTheEnd() {
        owner.askForLife(100);
        owner.askForLife(500);

        assertThat(owner.leaseExpired(601)).isTrue();
    }

    @Test
    void ownerThatGivesASignOfLifeHasItsWholeLeaseAgain() {
        owner.askForLife(100);
        owner.heartbeat(OwnerRecord.FIRST, 0, 300);

        assertThat(owner.asked()).isFalse();
        assertThat(owner.leaseExpired(1_300)).isFalse();
        assertThat(owner.leaseExpired(1_301)).isTrue();
    }

    @Test
    void timeInWhichTheMemoryNodeDidNotListenIsNoSilenceOfTheOwner() {
        owner.heartbeat(OwnerRecord.FIRST, 0, 400);

        owner.excuseSilence(5_000, 5_500);

        assertThat(owner.leaseExpired(6_400)).isFalse();
        assertThat(owner.leaseExpired(6_401)).isTrue();
    }

    @Test
    void ownerThatWasHeardSinceTheMemoryNodeWentOnGetsNoMoreThanItsLease() {
        owner.heartbeat(OwnerRecord.FIRST, 0, 5_490);

        owner.excuseSilence(5_000, 5_500);

        assertThat(owner.leaseExpired(6_500)).isFalse();
        assertThat(owner.leaseExpired(6_501)).isTrue();
    }

    @Test
    void ownerThatIsAskedForASignOfLifeStaysAskedWhileTheMemoryNodeDoesNotListen() {
        owner.askForLife(100);

        owner.excuseSilence(5_000, 5_200);

        assertThat(owner.asked()).isTrue();
        assertThat(owner.leaseExpired(5_600)).isFalse();
        assertThat(owner.leaseExpired(5_601)).isTrue();
    }

    @Test
    void ownerThatWaitsForAnotherSessionIsNotAsked() {
        assertThat(resumable.endSession(1)).isEqualTo(OwnerRecord.Ending.AWAITED);
        resumable.askForLife(100);

        assertThat(resumable.leaseExpired(700)).isFalse();
        assertThat(resumable.leaseExpired(1_001)).isTrue();
    }

    @Test
    void fenceThatDoesNotComeToRestDelaysNoHeartbeatAndLetsNoLeaseRunOut() throws Exception {
        CountDownLatch fencing = new CountDownLatch(1);
        CountDownLatch rest = new CountDownLatch(1);
        int connection = owner.add(OwnerRecord.FIRST, ConnectionPurpose.HEAP, connectionThatFences(() -> {
            fencing.countDown();
            rest.await();
        }));
        CompletableFuture<Void> fence = CompletableFuture.runAsync(() -> owner.fence(connection, 1));
        fencing.await();

        owner.heartbeat(OwnerRecord.FIRST, 0, 0);
        assertThat(owner.leaseExpired(Long.MAX_VALUE))
                .as("its call is being served")
                .isFalse();
        assertThat(owner.state()).isEqualTo(OwnerState.LIVE);

        rest.countDown();
        fence.get(10, TimeUnit.SECONDS);
        assertThat(owner.leaseExpired(System.nanoTime() + 10_000_000_000L)).isTrue();
        owner.fence(connection, 1); // again: nothing is left to fence
    }

    private final ResumeToken token = ResumeToken.of(1, 2);
    private final OwnerRecord resumable = new OwnerRecord(8, "peer", 1_000, 0, token);

    @Test
    void endOfASessionLeavesAResumableOwnerItsLeaseAndFencesItsMetadataConnectionsOnly() {
        AtomicInteger fenced = new AtomicInteger();
        resumable.add(1, ConnectionPurpose.METADATA, connectionThatFences(fenced::incrementAndGet));
        AtomicInteger heapFenced = new AtomicInteger();
        resumable.add(1, ConnectionPurpose.HEAP, connectionThatFences(heapFenced::incrementAndGet));

        assertThat(resumable.endSession(1)).isEqualTo(OwnerRecord.Ending.AWAITED);
        resumable.fenceMetadata(1);

        assertThat(fenced).hasValue(1);
        assertThat(heapFenced).hasValue(0);
        assertThat(resumable.leaseExpired(System.nanoTime() + 10_000_000_000L)).isTrue();
        assertThatThrownBy(() -> resumable.heartbeat(1, 0, 0)).isInstanceOf(OwnerFenced.class);
        assertThat(owner.endSession(1)).isEqualTo(OwnerRecord.Ending.DEAD);
    }

    @Test
    void wrongTokenTakesNothingAndProlongsNoLease() {
        assertThatThrownBy(() -> resumable.beginResume(ResumeToken.of(1, 3), 900))
                .isInstanceOf(AuthenticationFailed.class);
        assertThat(token).hasToString("ResumeToken[hidden]");
        assertThatThrownBy(() -> owner.beginResume(token, 900)).isInstanceOf(AuthenticationFailed.class);

        assertThat(resumable.leaseExpired(1_001)).isTrue();
        assertThat(resumable.heartbeat(1, 0, 1)).isZero();
    }

    @Test
    void sessionThatResumesTakesTheOwnerFromTheOneThatHasIt() {
        int second = resumable.beginResume(token, 0);
        assertThatThrownBy(() -> resumable.whileLive(second, grants::incrementAndGet))
                .as("connections of the first session may still execute")
                .isInstanceOf(OwnerFenced.class);
        resumable.endResume(second, 0);

        assertThat(resumable.whileLive(second, grants::incrementAndGet)).isEqualTo(1);
        assertThatThrownBy(() -> resumable.whileLive(1, grants::incrementAndGet))
                .isInstanceOf(OwnerFenced.class);
        assertThat(resumable.endSession(1)).isEqualTo(OwnerRecord.Ending.NONE);
        assertThat(resumable.state()).isEqualTo(OwnerState.LIVE);
    }

    @Test
    void lastOfTwoSessionsThatResumeAtOnceHasTheOwner() {
        int second = resumable.beginResume(token, 0);
        int third = resumable.beginResume(token, 0);

        assertThatThrownBy(() -> resumable.endResume(second, 0)).isInstanceOf(OwnerFenced.class);
        resumable.endResume(third, 0);
        assertThat(resumable.endSession(second)).isEqualTo(OwnerRecord.Ending.NONE);
        assertThat(resumable.heartbeat(third, 0, 0)).isZero();
    }

    @Test
    void ownerThatWasDeclaredDeadIsNotResumed() {
        resumable.endSession(1);
        int second = resumable.beginResume(token, 0);
        assertThat(resumable.die()).isTrue();

        assertThatThrownBy(() -> resumable.endResume(second, 0)).isInstanceOf(OwnerFenced.class);
        assertThatThrownBy(() -> resumable.beginResume(token, 0)).isInstanceOf(OwnerFenced.class);
    }

    private interface Wait {
        void run() throws InterruptedException;
    }

    private static Connection connectionThatFences(Wait wait) {
        return (Connection) Proxy.newProxyInstance(
                Connection.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("fence")) {
                        wait.run();
                    }
                    return method.getName().equals("state") ? ConnectionState.CONNECTED : null;
                });
    }
}
