package io.finemem.service.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.allocator.control.ResumeToken;
import io.finemem.allocator.resume.ResumeTicket;
import io.finemem.api.InvalidConfiguration;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is refused as the file of a session journal, what is made again, and who may have it. */
class JournalFileTest extends JournalFixture {
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
    void oneServiceHasTheJournalAtATime() {
        try (SessionJournal journal = SessionJournal.open(state())) {
            assertThat(journal.path()).isEqualTo(file());
            assertThatThrownBy(() -> SessionJournal.open(state()))
                    .isInstanceOf(InvalidConfiguration.class)
                    .hasMessageContaining("another allocation service uses the session journal " + file());
        }
        SessionJournal.open(state()).close();
    }

    /** The kernel drops a lock with any descriptor of the file that the process closes. */
    @Test
    void whoIsRefusedInTheSameProcessDoesNotEndTheLock() throws Exception {
        try (SessionJournal journal = SessionJournal.open(state())) {
            assertThat(locks(journal.path())).isOne();
            assertThatThrownBy(() -> SessionJournal.open(state())).isInstanceOf(InvalidConfiguration.class);
            assertThat(locks(journal.path())).isOne();
        }
        assertThat(locks(file())).isZero();
    }

    /** Locks of this process, by the table of the kernel: {@code 1: POSIX ADVISORY WRITE pid major:minor:inode first last}. */
    private static long locks(Path file) throws Exception {
        String end = ":" + Files.getAttribute(file, "unix:ino");
        String pid = "" + ProcessHandle.current().pid();
        return Files.readAllLines(Path.of("/proc/locks")).stream()
                .map(line -> line.trim().split(" +"))
                .filter(words -> words.length > 5 && words[4].equals(pid) && words[5].endsWith(end))
                .count();
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
        write(slots + 8 + 2, (byte) 0x10);
        assertRefused("a slot is further away than the session has pages");
        assertThat(file()).as("no room was made for it").hasSize(CHUNK);
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
