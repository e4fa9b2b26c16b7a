package io.finemem.service.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.allocator.control.ResumeToken;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.resume.BlockIdentity;
import io.finemem.allocator.resume.ResumeTicket;
import io.finemem.api.InvalidConfiguration;
import io.finemem.service.ipc.Opcode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each test opens the journal again without having closed it in order, as after a kill: only the lock is given back. */
class SessionJournalTest {
    private static final int CHUNK = 256 * 4096;

    @TempDir
    Path directory;

    private Path state() {
        return directory.resolve("state");
    }

    private Path file() {
        return state().resolve("sessions");
    }

    private static BlockIdentity block(int slot) {
        return new BlockIdentity(77, JournalSlot.pendingChunks(slot, 1), 1, slot, slot * 3);
    }

    private static long handle(int generation, int index) {
        return (long) generation << Integer.SIZE | index;
    }

    private static SessionLog begin(SessionJournal journal) {
        return journal.begin(ResumeToken.of(1, 2), 1000, "app");
    }

    private static void allocate(SessionLog log, int mailbox, int sequence, int first, int count) {
        log.reserve(first + count);
        for (int i = 0; i < count; i++) {
            put(log, handle(1, first + i), first + i, i);
        }
        log.commit(mailbox, sequence, Opcode.ALLOCATE, count);
    }

    private static void put(SessionLog log, long handle, int slot, int place) {
        BlockIdentity block = block(slot);
        log.allocated(
                handle, place, block.bootNonce(), block.units(), block.ownerId(), block.slot(), block.generation());
    }

    private static Map<Long, BlockIdentity> blocks(SessionLog log) {
        Map<Long, BlockIdentity> blocks = new TreeMap<>();
        log.visitBlocks(blocks::put);
        return blocks;
    }

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

    /** In {@link JournalLayout}'s order: version and number of the chunk, then the magic. */
    @Test
    void aChunkThatWasBeingMadeIsMadeAgain() throws Exception {
        for (int chunks = 0; chunks < 2; chunks++) {
            Files.createDirectories(state());
            Files.setPosixFilePermissions(state(), PosixFilePermissions.fromString("rwx------"));
            if (chunks > 0) {
                SessionJournal.open(state()).close();
            }
            write((chunks + 1L) * CHUNK - 1, (byte) 0);
            Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-------"));
            write((long) chunks * CHUNK + 8, (byte) 1);
            write((long) chunks * CHUNK + 12, (byte) chunks);
            try (SessionJournal journal = SessionJournal.open(state())) {
                begin(journal).reserve(300 * 64);
            }
            try (SessionJournal journal = SessionJournal.open(state())) {
                assertThat(journal.found()).hasSize(1);
            }
            Files.delete(file());
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
    void oneServiceHasTheJournalAtATime() {
        try (SessionJournal journal = SessionJournal.open(state())) {
            assertThat(journal.path()).isEqualTo(file());
            assertThatThrownBy(() -> SessionJournal.open(state()))
                    .isInstanceOf(InvalidConfiguration.class)
                    .hasMessageContaining("another allocation service uses the session journal " + file());
        }
        SessionJournal.open(state()).close();
    }

    @Test
    void aDirectoryOrFileThatOthersReachIsRefused() throws Exception {
        SessionJournal.open(state()).close();
        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-r-----"));
        assertThatThrownBy(() -> SessionJournal.open(state()))
                .hasMessageContaining("file " + file() + " must belong to this user")
                .hasMessageContaining("chmod go= " + file());
        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-------"));
        Files.setPosixFilePermissions(state(), PosixFilePermissions.fromString("rwx--x---"));
        assertThatThrownBy(() -> SessionJournal.open(state())).hasMessageContaining("directory " + state());
        Files.setPosixFilePermissions(state(), PosixFilePermissions.fromString("rwx------"));
        Path other = Files.createFile(directory.resolve("other"));
        Files.delete(file());
        Files.createSymbolicLink(file(), other);
        assertThatThrownBy(() -> SessionJournal.open(state())).isInstanceOf(InvalidConfiguration.class);
        assertThat(other).isEmptyFile();
    }

    private void write(long at, byte... bytes) throws IOException {
        try (RandomAccessFile raw = new RandomAccessFile(file().toFile(), "rw")) {
            raw.seek(at);
            raw.write(bytes);
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

    @Test
    void aDamagedMemoryNodeIsRefused() throws Exception {
        try (SessionJournal journal = SessionJournal.open(state())) {
            begin(journal);
            for (int i = 0; i < 20; i++) {
                journal.nodes().add("mn" + i, i);
            }
        }
        byte[] good = Files.readAllBytes(file());
        int first = 2 * 4096;
        write(first + 3 * 256 + 28, (byte) 'x');
        assertRefused("memory node 3 is not what was written");
        Files.write(file(), good);
        write(first + 3 * 256 + 16, (byte) 2);
        assertRefused("memory node 3 is not what was written");
        Files.write(file(), good);
        for (int at = 0; at < 8; at++) {
            write(first + 3 * 256 + at, (byte) 0);
        }
        assertRefused("a memory node is missing");
        Files.write(file(), good);
        write(2048 + 2 * 8, (byte) 1);
        assertRefused("two pages of memory nodes have the same place");
        Files.write(file(), good);
        write(2048 + 2 * 8, (byte) 9);
        assertRefused("a page of memory nodes is missing");
        Files.write(file(), good);
        SessionJournal.open(state()).close();
    }

    private void assertRefused(String text) {
        assertThatThrownBy(() -> SessionJournal.open(state()))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageContaining(file().toString())
                .hasMessageContaining(text)
                .hasMessageContaining("move the file away");
    }

    @Test
    void aFileOfAnotherReleaseOrOfSomethingElseIsRefusedWithTheRemedy() throws Exception {
        SessionJournal.open(state()).close();
        write(8, (byte) 9);
        assertRefused("of another release (version 9, this one reads 2); start the release that wrote it");
        write(8, (byte) 2);
        SessionJournal.open(state()).close();
        write(0, (byte) 'x');
        assertRefused("is damaged: chunk 0 is none of a session journal");
        Files.write(file(), new byte[] {1});
        assertRefused("is damaged: it is cut off");
        Files.write(file(), new byte[100]);
        SessionJournal.open(state()).close();
        assertThat(Files.size(file())).as("a first chunk that was being made").isEqualTo(CHUNK);
    }

    @Test
    void aDamagedRecordIsRefused() throws Exception {
        try (SessionJournal journal = SessionJournal.open(state())) {
            allocate(begin(journal), 0, 1, 0, 10);
        }
        byte[] good = Files.readAllBytes(file());
        int session = 4096;
        int slots = 2 * 4096;
        write(session + 24, (byte) 1);
        assertRefused("session 1 is not what was written");
        Files.write(file(), good);
        write(session + 136, (byte) 7);
        assertRefused("session 1 is in no possible state");
        Files.write(file(), good);
        write(slots + 5 * 64 + 33, (byte) 99);
        assertRefused("a slot of session 1 is not what was written");
        Files.write(file(), good);
        write(2048 + 2 * 8, (byte) 5);
        assertRefused("a page is of session 5, which there is not");
        Files.write(file(), good);
        write(2048 + 2 * 8 + 7, (byte) 9);
        assertRefused("a page is of no kind");
        Files.write(file(), good);
        write(16, (byte) 1);
        assertRefused("a resume ticket is missing");
        Files.write(file(), good);
        SessionJournal.open(state()).close();
    }

    /** Whatever is in the file, it is read or refused. */
    @Test
    void noBytesMakeTheJournalFailInAnotherWay() throws Exception {
        try (SessionJournal journal = SessionJournal.open(state())) {
            journal.setTickets(List.of(new ResumeTicket("mn0", 5, 1, 1, ResumeToken.random())));
            allocate(begin(journal), 0, 1, 0, 100);
            journal.nodes().add("mn0", 5);
            allocate(begin(journal), 0, 1, 100, 100);
        }
        byte[] good = Files.readAllBytes(file());
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int refused = 0;
        for (int i = 0; i < 100; i++) {
            Files.write(file(), good);
            for (int k = 0; k <= random.nextInt(4); k++) {
                write(random.nextInt(8 * 4096), (byte) random.nextInt());
            }
            try (SessionJournal journal = SessionJournal.open(state())) {
                journal.held();
            } catch (InvalidConfiguration e) {
                refused++;
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + ", round " + i, e);
            }
        }
        assertThat(refused).as("seed %d", seed).isPositive();
    }
}
