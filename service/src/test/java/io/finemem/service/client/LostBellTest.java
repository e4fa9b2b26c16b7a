package io.finemem.service.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.finemem.service.RestartableNode;
import io.finemem.service.ipc.Mailbox;
import io.finemem.service.ipc.Opcode;
import io.finemem.service.ipc.Segment;
import java.lang.management.LockInfo;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A client that rings on the socket of the service's run before, while the next run has the session again and sleeps already: nobody
 * hears that bell. The order is forced: the client's new socket is there, and its watching thread waits for this test's monitor before
 * it says so.
 */
@Timeout(60)
class LostBellTest {
    @TempDir
    Path directory;

    @Test
    void aRequestWhoseBellWentToTheOldSocketIsServed() {
        try (RestartableNode node = new RestartableNode(directory).with(run -> run.withSpin(Duration.ofHours(1)))) {
            node.start();
            try (ServiceLink link = Handshake.open(ServiceClientOptions.at(node.socket(), "bell"))) {
                Segment segment = link.segment();
                Mailbox box = segment.mailbox(0);
                assertThat(segment.needsBell()).as("before the restart").isFalse();
                node.with(run -> run.withSpin(Duration.ZERO));
                synchronized (link) {
                    node.suspend();
                    node.start();
                    awaitTrue(() -> isWaitedFor(link) && segment.needsBell());

                    box.publish(1, Opcode.PING, 0, 0);
                    link.ring();

                    assertThat(box.responseSequence()).isZero();
                    assertThat(segment.needsBell())
                            .as("the service still sleeps")
                            .isTrue();
                }
                awaitTrue(() -> box.responseSequence() == 1);
            }
        }
    }

    private static void awaitTrue(Callable<Boolean> condition) {
        await().atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(1))
                .until(condition);
    }

    /** Whether a thread wants this object's monitor. */
    private static boolean isWaitedFor(Object monitor) {
        ThreadInfo[] threads = ManagementFactory.getThreadMXBean().dumpAllThreads(false, false);
        return Arrays.stream(threads)
                .filter(thread -> thread.getThreadState() == Thread.State.BLOCKED)
                .map(ThreadInfo::getLockInfo)
                .filter(Objects::nonNull)
                .mapToInt(LockInfo::getIdentityHashCode)
                .anyMatch(lock -> lock == System.identityHashCode(monitor));
    }
}
