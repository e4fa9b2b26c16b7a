package io.finemem.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.finemem.allocator.control.ResumeToken;
import io.finemem.api.ErrorCode;
import io.finemem.service.client.ServiceMemory;
import io.finemem.service.ipc.BlockRecord;
import io.finemem.service.ipc.Frame;
import io.finemem.service.ipc.FrameCodec;
import io.finemem.service.ipc.Limits;
import io.finemem.service.ipc.Mailbox;
import io.finemem.service.ipc.Opcode;
import io.finemem.service.ipc.Peer;
import io.finemem.service.ipc.Segment;
import io.finemem.service.ipc.SegmentLayout;
import io.finemem.service.ipc.SharedSegment;
import io.finemem.service.ipc.UnixSocket;
import io.finemem.service.server.AccessRules;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a restarted service makes of who says that a session is its. */
@Timeout(120)
class ReattachmentTest {
    /** Of the first mailbox, in {@link SegmentLayout}. */
    private static final int RESPONSE_SEQUENCE_AT = 4096 + 64;

    private static final int RECORDS_AT = 4096 + 640;

    private static final int OTHER_USER = 65_534;

    @TempDir
    Path directory;

    private static Frame.Welcome welcome(RawClient client) {
        return (Frame.Welcome) client.answer();
    }

    private static Frame.Reattach claim(RawClient client, ResumeToken token) {
        return new Frame.Reattach(
                SegmentLayout.VERSION,
                welcome(client).mailboxes(),
                welcome(client).session(),
                token);
    }

    private static Frame.Reattach claim(RawClient client) {
        return claim(client, welcome(client).token());
    }

    private static RawClient comeBack(RestartableNode node, Frame.Reattach claim, SharedSegment segment)
            throws IOException {
        return RawClient.comingBack(UnixSocket.connected(node.socket()), claim, segment);
    }

    private static Mailbox mailbox(RawClient client) {
        return Segment.open(client.memory(), 1).mailbox(0);
    }

    private static void ask(RawClient client, int sequence, int opcode, int count, long argument) throws IOException {
        mailbox(client).publish(sequence, opcode, count, argument);
        client.socket().send(FrameCodec.encode(new Frame.Bell()));
        awaitAnswer(client, sequence);
    }

    private static void awaitAnswer(RawClient client, int sequence) {
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(1))
                .until(() -> mailbox(client).responseSequence() == sequence);
    }

    /** As if the service had been killed between carrying a request out and answering it. */
    private static void takeAnswerBack(RawClient client, int sequence) {
        client.memory().order(ByteOrder.LITTLE_ENDIAN).putInt(RESPONSE_SEQUENCE_AT, sequence - 1);
        client.memory().order(ByteOrder.BIG_ENDIAN);
        client.memory().put(RECORDS_AT, new byte[64 * 32]);
    }

    private static List<BlockRecord> records(RawClient client) {
        List<BlockRecord> records = new ArrayList<>();
        for (int i = 0; i < mailbox(client).responseCount(); i++) {
            records.add(mailbox(client).record(i));
        }
        return records;
    }

    @Test
    void aCallThatWasCarriedOutIsAnsweredAgainAndNotMadeTwice() throws Exception {
        try (RestartableNode node = new RestartableNode(directory)) {
            node.start();
            RawClient before = new RawClient(node.socket(), 1);
            ask(before, 1, Opcode.ALLOCATE, 5, 4096);
            List<BlockRecord> records = records(before);
            node.suspend();
            takeAnswerBack(before, 1);
            node.start();
            try (RawClient back = comeBack(node, claim(before), before.segment())) {
                assertThat(back.answer()).isInstanceOf(Frame.Welcome.class);
                awaitAnswer(before, 1);
                assertThat(records(before)).isEqualTo(records).hasSize(5);
                mailbox(before).putRequestWord(0, records.get(3).handle());
                ask(back, before, 2, Opcode.FREE, 1);
                assertThat(mailbox(before).code()).isZero();
                node.suspend();
                takeAnswerBack(before, 2);
                node.start();
                try (RawClient again = comeBack(node, claim(before), before.segment())) {
                    awaitAnswer(before, 2);
                    assertThat(mailbox(before).code()).as("a second free fails").isZero();
                    ask(again, before, 3, Opcode.STATISTICS, 0);
                    assertThat(mailbox(before).counters().liveBlocks()).isEqualTo(4);
                }
            }
            node.awaitSessions(0);
            before.close();
        }
    }

    private static void ask(RawClient socket, RawClient segment, int sequence, int opcode, int count)
            throws IOException {
        mailbox(segment).publish(sequence, opcode, count, 0);
        socket.socket().send(FrameCodec.encode(new Frame.Bell()));
        awaitAnswer(segment, sequence);
    }

    @Test
    void aCallThatWasNotMadeIsMadeWhenTheServiceIsBack() throws Exception {
        try (RestartableNode node = new RestartableNode(directory)) {
            node.start();
            RawClient before = new RawClient(node.socket(), 1);
            ask(before, 1, Opcode.ALLOCATE, 1, 4096);
            node.suspend();
            mailbox(before).publish(2, Opcode.ALLOCATE, 2, 4096);
            node.start();
            try (RawClient back = comeBack(node, claim(before), before.segment())) {
                awaitAnswer(before, 2);
                assertThat(records(before)).hasSize(2);
                ask(back, before, 3, Opcode.STATISTICS, 0);
                assertThat(mailbox(before).counters().liveBlocks()).isEqualTo(3);
            }
            before.close();
        }
    }

    @Test
    void aCallWhoseBlocksWereLostBeforeItWasAnsweredIsMadeAgain() throws Exception {
        try (RestartableNode node = new RestartableNode(directory)) {
            node.start();
            RawClient before = new RawClient(node.socket(), 1);
            ask(before, 1, Opcode.ALLOCATE, 5, 4096);
            List<BlockRecord> lost = records(before);
            node.suspend();
            takeAnswerBack(before, 1);
            node.restartMemoryNode();
            node.start();
            try (RawClient back = comeBack(node, claim(before), before.segment())) {
                assertThat(((Frame.Welcome) back.answer()).lost()).containsExactly(0);
                awaitAnswer(before, 1);
                assertThat(mailbox(before).code()).isZero();
                List<BlockRecord> made = records(before);
                assertThat(made).hasSize(5).allMatch(block -> block.node() == 1);
                mailbox(before).putRequestWord(0, lost.get(0).handle());
                ask(back, before, 2, Opcode.FREE, 1);
                assertThat(mailbox(before).code()).isEqualTo(ErrorCode.INVALID_REQUEST.number());
                mailbox(before).putRequestWord(0, made.get(4).handle());
                ask(back, before, 3, Opcode.FREE, 1);
                assertThat(mailbox(before).code()).isZero();
                ask(back, before, 4, Opcode.STATISTICS, 0);
                assertThat(mailbox(before).counters().liveBlocks()).isEqualTo(4);
                assertThat(mailbox(before).counters().liveBytes()).isEqualTo(4 * 4096);
            }
            node.awaitSessions(0);
            before.close();
        }
    }

    @Test
    void aDataConnectionToALostMemoryNodeIsNoneAndOnlyToldOfAsLost() throws Exception {
        try (RestartableNode node = new RestartableNode(directory)) {
            node.start();
            RawClient before = new RawClient(node.socket(), 1);
            ask(before, 1, Opcode.ALLOCATE, 1, 4096);
            node.suspend();
            node.restartMemoryNode();
            node.start();
            try (RawClient back = comeBack(node, claim(before), before.segment())) {
                back.socket().send(FrameCodec.encode(new Frame.Connect(7, 0, new byte[8])));
                assertThat(FrameCodec.decode(back.receive().bytes()))
                        .isInstanceOfSatisfying(Frame.Failed.class, failed -> assertThat(failed.code())
                                .isEqualTo(ErrorCode.MEMORY_NODE_LOST.number()));
            }
            before.close();
        }
    }

    @Test
    void aMailboxInNoPossibleStateIsRefused() throws Exception {
        try (RestartableNode node = new RestartableNode(directory)) {
            node.start();
            RawClient before = new RawClient(node.socket(), 1);
            node.suspend();
            mailbox(before).publish(7, Opcode.PING, 0, 0);
            node.start();
            assertRefused(node, claim(before), before.segment(), ErrorCode.PROTOCOL_VIOLATION, "skipped requests");
            assertThat(node.service().sessions()).isOne();
            before.close();
        }
    }

    private static void assertRefused(
            RestartableNode node, Frame.Reattach claim, SharedSegment segment, ErrorCode code, String text)
            throws IOException {
        try (RawClient refused = comeBack(node, claim, segment)) {
            assertThat(refused.answer()).isInstanceOfSatisfying(Frame.Failed.class, failed -> {
                assertThat(failed.code()).isEqualTo(code.number());
                assertThat(failed.text()).contains(text);
            });
        }
    }

    @Test
    void onlyWhoHasTheSecretTakesASessionUpAndOnlyOnce() throws Exception {
        try (RestartableNode node = new RestartableNode(directory)) {
            node.start();
            RawClient before = new RawClient(node.socket(), 1);
            assertThat(welcome(before).toString())
                    .doesNotContain(Long.toString(welcome(before).token().high()));
            assertRefused(node, claim(before), before.segment(), ErrorCode.SERVICE_LOST, "the session is over");
            node.suspend();
            node.start();
            assertRefused(
                    node,
                    claim(before, ResumeToken.random()),
                    before.segment(),
                    ErrorCode.AUTHENTICATION_FAILED,
                    "another application's");
            try (RawClient back = comeBack(node, claim(before), before.segment())) {
                assertThat(back.answer()).isInstanceOf(Frame.Welcome.class);
                assertRefused(node, claim(before), before.segment(), ErrorCode.SERVICE_LOST, "the session is over");
            }
            before.close();
        }
    }

    @Test
    void anotherUserWithTheSecretIsRefused() throws Exception {
        assumeTrue(Limits.root(), "only root may become another user");
        try (RestartableNode node = new RestartableNode(directory)
                .with(options ->
                        options.withAccess(new AccessRules(Set.of(Peer.ownUid(), OTHER_USER), Set.of(), "")))) {
            node.start();
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.setPosixFilePermissions(node.socket().getParent(), PosixFilePermissions.fromString("rwxr-xr-x"));
            RawClient before = new RawClient(node.socket(), 1);
            node.suspend();
            node.start();
            Files.setPosixFilePermissions(node.socket(), PosixFilePermissions.fromString("rw-rw-rw-"));
            Frame answer = Limits.asUser(OTHER_USER, () -> {
                try (RawClient thief = comeBack(node, claim(before), before.segment())) {
                    return thief.answer();
                }
            });
            assertThat(answer).isInstanceOfSatisfying(Frame.Failed.class, failed -> assertThat(failed.text())
                    .contains("another application's"));
            before.close();
        }
    }

    @Test
    void aSegmentThatCouldBeShortenedIsRefused() throws Exception {
        try (RestartableNode node = new RestartableNode(directory)) {
            node.start();
            RawClient before = new RawClient(node.socket(), 1);
            node.suspend();
            node.start();
            try (SharedSegment open = Limits.unsealed(SegmentLayout.bytes(1))) {
                assertRefused(node, claim(before), open, ErrorCode.PROTOCOL_VIOLATION, "not sealed");
            }
            try (ServiceMemory other = node.client()) {
                other.ping();
            }
            before.close();
        }
    }
}
