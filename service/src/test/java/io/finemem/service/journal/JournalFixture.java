package io.finemem.service.journal;

import io.finemem.allocator.control.ResumeToken;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.resume.BlockIdentity;
import io.finemem.service.ipc.Opcode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;

/** A session journal in a directory of its own, and what is written into it. */
abstract class JournalFixture {
    static final int CHUNK = 256 * 4096;

    @TempDir
    Path directory;

    Path state() {
        return directory.resolve("state");
    }

    Path file() {
        return state().resolve("sessions");
    }

    static BlockIdentity block(int slot) {
        return new BlockIdentity(77, JournalSlot.pendingChunks(slot, 1), 1, slot, slot * 3);
    }

    static long handle(int generation, int index) {
        return (long) generation << Integer.SIZE | index;
    }

    static SessionLog begin(SessionJournal journal) {
        return journal.begin(ResumeToken.of(1, 2), 1000, "app");
    }

    static void allocate(SessionLog log, int mailbox, int sequence, int first, int count) {
        log.reserve(first + count);
        for (int i = 0; i < count; i++) {
            put(log, handle(1, first + i), first + i, i);
        }
        log.commit(mailbox, sequence, Opcode.ALLOCATE, count);
    }

    static void put(SessionLog log, long handle, int slot, int place) {
        BlockIdentity block = block(slot);
        log.allocated(
                handle, place, block.bootNonce(), block.units(), block.ownerId(), block.slot(), block.generation());
    }

    static Map<Long, BlockIdentity> blocks(SessionLog log) {
        Map<Long, BlockIdentity> blocks = new TreeMap<>();
        log.visitBlocks(blocks::put);
        return blocks;
    }

    void write(long at, byte... bytes) throws IOException {
        try (RandomAccessFile raw = new RandomAccessFile(file().toFile(), "rw")) {
            raw.seek(at);
            raw.write(bytes);
        }
    }
}
