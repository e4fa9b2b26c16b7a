package io.finemem.service.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.allocator.control.ResumeToken;
import io.finemem.allocator.resume.ResumeTicket;
import io.finemem.api.InvalidConfiguration;
import io.finemem.service.ipc.Opcode;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Each test opens the journal again without having closed it in order, as after a kill: only the lock is given back. */
class SessionJournalTest extends JournalFixture {
    @Test
    void whatWasCommittedIsThereAgain() {
        ResumeToken token = ResumeToken.random();
        try (SessionJournal journal = SessionJournal.open(state())) {
            assertThat(journal.found()).isEmpty();
            SessionLog log = journal.begin(token, 1000, "größer");
            allocate(log, 3, 41, 0, 100);
            log.freeing(7);
            log.commit(3, 42, Opcode.FREE, 1);
            log.connections().reserve();
            log.connections().made(9, -5, 12);
            journal.begin(ResumeToken.random(), 1, "other").remove();
        }
        try (SessionJournal journal = SessionJournal.open(state())) {
            SessionLog log = journal.found().get(0);
            assertThat(journal.found()).hasSize(1);
            assertThat(log.token()).isEqualTo(token);
            assertThat(log.uid()).isEqualTo(1000);
            assertThat(log.application()).isEqualTo("größer");
            assertThat(blocks(log)).hasSize(99).doesNotContainKey(handle(1, 7));
            assertThat(blocks(log).get(handle(1, 99))).isEqualTo(block(99));
            assertThat(journal.held()).hasSize(99);
            assertThat(log.generation(7)).isOne();
            assertThat(log.lastCall(3)).isEqualTo(new LastCall(2, 42, Opcode.FREE, 1));
            assertThat(log.lastCall(4)).isEqualTo(LastCall.NONE);
            List<String> connections = new ArrayList<>();
            log.connections()
                    .visit((connection, node, served) -> connections.add(connection + "," + node + "," + served));
            assertThat(connections).containsExactly("9,-5,12");
            assertThat(begin(journal).id()).isGreaterThan(log.id());
        }
    }

    @Test
    void whatACallWroteBeforeItWasCommittedDoesNotCount() {
        try (SessionJournal journal = SessionJournal.open(state())) {
            SessionLog log = begin(journal);
            allocate(log, 0, 1, 0, 2);
            log.reserve(5);
            put(log, handle(1, 2), 2, 0);
            put(log, handle(1, 3), 3, 1);
        }
        try (SessionJournal journal = SessionJournal.open(state())) {
            SessionLog log = journal.found().get(0);
            assertThat(blocks(log)).containsOnlyKeys(handle(1, 0), handle(1, 1));
            log.freeing(0);
            log.freeing(1);
        }
        try (SessionJournal journal = SessionJournal.open(state())) {
            SessionLog log = journal.found().get(0);
            assertThat(blocks(log)).containsOnlyKeys(handle(1, 0), handle(1, 1));
            log.commit(1, 9, Opcode.ALLOCATE, 0);
        }
        try (SessionJournal journal = SessionJournal.open(state())) {
            assertThat(blocks(journal.found().get(0)))
                    .as("neither the blocks nor the marks of calls that were not made")
                    .containsOnlyKeys(handle(1, 0), handle(1, 1));
        }
    }

    @Test
    void aFreeThatFailedIsNoneAndItsRequestWasNotCarriedOut() {
        try (SessionJournal journal = SessionJournal.open(state())) {
            SessionLog log = begin(journal);
            allocate(log, 0, 1, 0, 1);
            log.freeing(0);
            log.commit(0, 2, Opcode.FREE, 1);
            log.kept(0);
            log.commit(0, 2, LastCall.NOTHING, 0);
        }
        try (SessionJournal journal = SessionJournal.open(state())) {
            SessionLog log = journal.found().get(0);
            assertThat(blocks(log)).hasSize(1);
            assertThat(log.lastCall(0).opcode()).isEqualTo(LastCall.NOTHING);
        }
    }

    @Test
    void aFreeWhoseFailureIsNotWrittenDownYetIsOneWithAllItsBlocks() {
        try (SessionJournal journal = SessionJournal.open(state())) {
            SessionLog log = begin(journal);
            allocate(log, 0, 1, 0, 2);
            log.freeing(0);
            log.freeing(1);
            log.commit(0, 2, Opcode.FREE, 2);
            log.kept(0);
        }
        try (SessionJournal journal = SessionJournal.open(state())) {
            SessionLog log = journal.found().get(0);
            assertThat(log.lastCall(0).opcode()).as("answered again").isEqualTo(Opcode.FREE);
            assertThat(blocks(log)).isEmpty();
        }
    }

    @Test
    void theBlocksOfTheLastCallAreFoundInItsOrder() {
        try (SessionJournal journal = SessionJournal.open(state())) {
            SessionLog log = begin(journal);
            log.reserve(100);
            int[] indices = {90, 3, 64};
            for (int i = 0; i < indices.length; i++) {
                put(log, handle(5, indices[i]), indices[i], i);
            }
            log.commit(2, -1, Opcode.ALLOCATE, indices.length);
        }
        try (SessionJournal journal = SessionJournal.open(state())) {
            SessionLog log = journal.found().get(0);
            assertThat(log.lastCall(2).sequence()).isEqualTo(-1);
            assertThat(log.handlesOf(log.lastCall(2))).containsExactly(handle(5, 90), handle(5, 3), handle(5, 64));
        }
    }

    @Test
    void ticketsAreReplacedAllOrNone() {
        ResumeTicket first = new ResumeTicket("mn0", 5, 1, 1, ResumeToken.random());
        ResumeTicket second = new ResumeTicket("mn1", 6, 2, 1, ResumeToken.random());
        try (SessionJournal journal = SessionJournal.open(state())) {
            journal.setTickets(List.of(first));
            journal.setTickets(List.of(first, second));
        }
        try (SessionJournal journal = SessionJournal.open(state())) {
            assertThat(journal.tickets()).containsExactly(first, second);
            journal.setTickets(List.of());
        }
        try (SessionJournal journal = SessionJournal.open(state())) {
            assertThat(journal.tickets()).isEmpty();
        }
    }

    @Test
    void ticketsThatCouldNotBeStoredLeaveNothingBehind() {
        ResumeTicket first = new ResumeTicket("mn0", 5, 1, 1, ResumeToken.random());
        ResumeTicket tooLong = new ResumeTicket("x".repeat(5000), 6, 2, 1, ResumeToken.random());
        try (SessionJournal journal = SessionJournal.open(state())) {
            journal.setTickets(List.of(first));
            assertThatThrownBy(() -> journal.setTickets(List.of(first, tooLong)))
                    .isInstanceOf(InvalidConfiguration.class);
        }
        try (SessionJournal journal = SessionJournal.open(state())) {
            assertThat(journal.tickets()).containsExactly(first);
            assertThatThrownBy(() -> journal.setTickets(List.of(first, tooLong)))
                    .isInstanceOf(InvalidConfiguration.class);
            journal.setTickets(List.of(first));
        }
        try (SessionJournal journal = SessionJournal.open(state())) {
            assertThat(journal.tickets()).containsExactly(first);
        }
    }

    @Test
    void theFileGrowsWithWhatIsHeldAndRoomIsUsedAgain() throws Exception {
        try (SessionJournal journal = SessionJournal.open(state())) {
            SessionLog log = begin(journal);
            allocate(log, 0, 1, 0, 64);
            assertThat(Files.size(file())).isEqualTo(CHUNK);
            log.reserve(40_000);
            assertThat(Files.size(file())).isEqualTo(3L * CHUNK);
            log.remove();
            for (int i = 0; i < 10; i++) {
                SessionLog next = begin(journal);
                next.reserve(40_000);
                next.remove();
            }
            assertThat(Files.size(file())).isEqualTo(3L * CHUNK);
        }
        try (SessionJournal journal = SessionJournal.open(state())) {
            assertThat(journal.found()).isEmpty();
        }
    }

    @Test
    void anEndedSessionHoldsItsBlocksUntilItIsFenced() {
        try (SessionJournal journal = SessionJournal.open(state())) {
            SessionLog ended = begin(journal);
            allocate(ended, 0, 1, 0, 3);
            ended.end();
            SessionLog fenced = begin(journal);
            allocate(fenced, 0, 1, 10, 3);
            fenced.end();
            fenced.endFenced();
        }
        try (SessionJournal journal = SessionJournal.open(state())) {
            assertThat(journal.found()).extracting(SessionLog::ended).containsExactly(true, false);
            assertThat(journal.found()).extracting(SessionLog::fenced).containsExactly(false, true);
            assertThat(journal.held()).containsExactly(block(0), block(1), block(2));
        }
    }

    @Test
    void memoryNodesKeepTheirNumbersAsLongAsThereAreSessions() {
        try (SessionJournal journal = SessionJournal.open(state())) {
            assertThat(journal.nodes().nodes()).isEmpty();
            for (int i = 0; i < 40; i++) {
                journal.nodes().add("mn" + i, 1000 + i);
            }
            journal.nodes().lose(17);
            begin(journal);
        }
        try (SessionJournal journal = SessionJournal.open(state())) {
            List<NodeLog.Node> nodes = journal.nodes().nodes();
            assertThat(nodes).hasSize(40);
            for (int i = 0; i < 40; i++) {
                assertThat(nodes.get(i)).isEqualTo(new NodeLog.Node("mn" + i, 1000 + i, i == 17));
            }
            journal.nodes().add("more", -1);
            assertThatThrownBy(() -> journal.nodes().add("x".repeat(229), 1))
                    .isInstanceOf(InvalidConfiguration.class)
                    .hasMessageContaining("so long a name");
            journal.found().get(0).remove();
        }
        try (SessionJournal journal = SessionJournal.open(state())) {
            assertThat(journal.nodes().nodes()).as("nobody knows a number").isEmpty();
        }
    }
}
