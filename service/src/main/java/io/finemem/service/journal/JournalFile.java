package io.finemem.service.journal;

import io.finemem.api.InvalidConfiguration;
import io.finemem.api.OutOfLocalResources;
import io.finemem.service.ipc.HeldFile;
import io.finemem.service.ipc.Peer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The file of a journal, mapped: what was stored is there for the next process, whenever this one is killed. It grows by chunks,
 * which are written before they are mapped: a store into a mapped page never finds the disk full. Pages are taken and given back under
 * the monitor; what lies in them is not looked at here.
 */
final class JournalFile implements AutoCloseable {
    static final String NAME = "sessions";

    private static final int ACCESSIBLE_TO_OTHERS = 0077;

    private final Path path;
    private final HeldFile held;
    private final FileChannel channel;
    private final List<ByteBuffer> chunks = new ArrayList<>();
    /** Where the search for a free page begins. */
    private int hint;

    private JournalFile(Path path, HeldFile held) {
        this.path = path;
        this.held = held;
        this.channel = held.channel();
    }

    /** What a page is for. */
    interface Visitor {
        void page(int page, int kind, long session);
    }

    /**
     * Opens or makes the file in a directory that is made with mode 0700 if it is missing.
     *
     * @throws InvalidConfiguration if others may reach the directory or the file, another process uses it, or it is no such file
     */
    static JournalFile open(Path directory) {
        Path path = directory.toAbsolutePath().resolve(NAME);
        try {
            checkDirectory(directory.toAbsolutePath());
            HeldFile held = HeldFile.open(
                    path,
                    Set.of(
                            StandardOpenOption.CREATE,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE,
                            LinkOption.NOFOLLOW_LINKS));
            if (held == null) {
                throw inUse(path);
            }
            try {
                requirePrivate(path, "file");
                JournalFile file = new JournalFile(path, held);
                file.load();
                return file;
            } catch (IOException | RuntimeException e) {
                held.close();
                throw e;
            }
        } catch (IOException e) {
            throw new InvalidConfiguration("the service's session journal cannot be opened at " + path + ": " + e
                    + "; check finemem.service.state-directory");
        }
    }

    private static void checkDirectory(Path directory) throws IOException {
        if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        requirePrivate(directory, "directory");
    }

    private static void requirePrivate(Path path, String what) throws IOException {
        int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        int owner = (int) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
        if ((mode & ACCESSIBLE_TO_OTHERS) != 0 || owner != Peer.ownUid()) {
            throw new InvalidConfiguration("others could reach the service's session journal: the " + what + " " + path
                    + " must belong to this user and be accessible to nobody else (chmod go= " + path + ") [mode="
                    + Integer.toOctalString(mode & 07777) + " uid=" + owner + "]");
        }
    }

    private static InvalidConfiguration inUse(Path path) {
        return new InvalidConfiguration("another allocation service uses the session journal " + path
                + "; stop it, or give this one a socket and a finemem.service.state-directory of its own");
    }

    /** A chunk that was not finished when the process was killed is overwritten later: nobody had used it. */
    private void load() throws IOException {
        long whole = channel.size() / JournalLayout.CHUNK_BYTES;
        for (int number = 0; number < whole; number++) {
            ByteBuffer chunk = map(number);
            long magic = (long) JournalLayout.LONG.getAcquire(chunk, JournalLayout.MAGIC_AT);
            if (magic == 0 && number == whole - 1 && isUnfinished(chunk)) {
                break;
            }
            check(chunk, magic, number);
            chunks.add(chunk);
        }
        if (whole == 0 && channel.size() > 0) {
            checkBeginning();
        }
        if (chunks.isEmpty()) {
            grow();
        }
    }

    private void check(ByteBuffer chunk, long magic, int number) {
        int version = (int) JournalLayout.INT.get(chunk, JournalLayout.VERSION_AT);
        if (magic != JournalLayout.MAGIC) {
            throw damaged("chunk " + number + " is none of a session journal");
        }
        if (version != JournalLayout.VERSION) {
            throw new InvalidConfiguration("the session journal " + path + " is of another release (version " + version
                    + ", this one reads " + JournalLayout.VERSION
                    + "); start the release that wrote it, or move the file away: "
                    + "its sessions then end, and the memory nodes take back what they held");
        }
        int wrote = (int) JournalLayout.INT.get(chunk, JournalLayout.CHUNK_AT);
        if (wrote != number) {
            throw damaged("chunk " + number + " says that it is chunk " + wrote);
        }
    }

    /** A first chunk that was being made holds nothing but zeros. */
    private void checkBeginning() throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate((int) channel.size());
        while (bytes.hasRemaining() && channel.read(bytes, bytes.position()) > 0) {
            continue;
        }
        if (!isZero(bytes.flip())) {
            throw damaged("it is cut off");
        }
    }

    /** It may have a version and a number: the magic is written last. */
    private static boolean isUnfinished(ByteBuffer chunk) {
        return isZero(chunk.slice(JournalLayout.TICKETS_AT, JournalLayout.CHUNK_BYTES - JournalLayout.TICKETS_AT));
    }

    private static boolean isZero(ByteBuffer bytes) {
        return bytes.mismatch(ByteBuffer.allocate(bytes.capacity()).limit(bytes.limit())) < 0;
    }

    /** The file says what cannot be. */
    InvalidConfiguration damaged(String how) {
        return new InvalidConfiguration(
                "the session journal " + path + " is damaged: " + how
                        + "; move the file away and start again: its sessions then end, and the memory nodes take back what they held");
    }

    private ByteBuffer map(int number) throws IOException {
        return channel.map(MapMode.READ_WRITE, (long) number * JournalLayout.CHUNK_BYTES, JournalLayout.CHUNK_BYTES);
    }

    private void grow() {
        int number = chunks.size();
        try {
            ByteBuffer zeros = ByteBuffer.allocateDirect(JournalLayout.CHUNK_BYTES);
            long start = (long) number * JournalLayout.CHUNK_BYTES;
            while (zeros.hasRemaining()) {
                channel.write(zeros, start + zeros.position());
            }
            ByteBuffer chunk = map(number);
            JournalLayout.INT.set(chunk, JournalLayout.VERSION_AT, JournalLayout.VERSION);
            JournalLayout.INT.set(chunk, JournalLayout.CHUNK_AT, number);
            JournalLayout.LONG.setRelease(chunk, JournalLayout.MAGIC_AT, JournalLayout.MAGIC);
            chunks.add(chunk);
        } catch (IOException e) {
            throw new OutOfLocalResources(
                    e,
                    "the service's session journal cannot grow; is the file system of finemem.service.state-directory full?",
                    "path",
                    path,
                    "cause",
                    e.getMessage());
        }
    }

    /** A zeroed page, which is free until it is {@linkplain #assign assigned}. */
    synchronized int findFree() {
        int pages = chunks.size() * JournalLayout.CHUNK_PAGES;
        for (int i = 0; i < pages; i++) {
            int page = hint + i < pages ? hint + i : hint + i - pages;
            if (page % JournalLayout.CHUNK_PAGES != 0 && mapWord(page) == 0) {
                hint = page;
                clear(page(page));
                return page;
            }
        }
        grow();
        hint = pages + 1;
        return hint;
    }

    private static void clear(ByteBuffer page) {
        for (int at = 0; at < JournalLayout.PAGE_BYTES; at += Long.BYTES) {
            JournalLayout.LONG.set(page, at, 0L);
        }
    }

    /** What was stored in the page before counts from now on. */
    synchronized void assign(int page, int kind, long session) {
        long word = (long) kind << JournalLayout.KIND_SHIFT | session;
        JournalLayout.LONG.setRelease(header(page), mapAt(page), word);
    }

    synchronized int take(int kind, long session) {
        int page = findFree();
        assign(page, kind, session);
        return page;
    }

    synchronized void giveBack(int page) {
        JournalLayout.LONG.setRelease(header(page), mapAt(page), 0L);
        hint = Math.min(hint, page);
    }

    /** How many there are. */
    synchronized int pages() {
        return chunks.size() * JournalLayout.CHUNK_PAGES;
    }

    /** The bytes of a page. */
    synchronized ByteBuffer page(int page) {
        int first = page % JournalLayout.CHUNK_PAGES * JournalLayout.PAGE_BYTES;
        return chunks.get(page / JournalLayout.CHUNK_PAGES).slice(first, JournalLayout.PAGE_BYTES);
    }

    synchronized void visit(Visitor visitor) {
        for (int page = 0; page < chunks.size() * JournalLayout.CHUNK_PAGES; page++) {
            long word = page % JournalLayout.CHUNK_PAGES == 0 ? 0 : mapWord(page);
            if (word != 0) {
                visitor.page(page, (int) (word >>> JournalLayout.KIND_SHIFT), word & JournalLayout.MAX_SESSION);
            }
        }
    }

    synchronized long tickets() {
        return (long) JournalLayout.LONG.getAcquire(chunks.get(0), JournalLayout.TICKETS_AT);
    }

    synchronized void setTickets(long edition, int count) {
        JournalLayout.LONG.setRelease(
                chunks.get(0), JournalLayout.TICKETS_AT, edition << JournalLayout.TICKETS_BITS | count);
    }

    private long mapWord(int page) {
        return (long) JournalLayout.LONG.getAcquire(header(page), mapAt(page));
    }

    private ByteBuffer header(int page) {
        return chunks.get(page / JournalLayout.CHUNK_PAGES);
    }

    private static int mapAt(int page) {
        return JournalLayout.MAP_AT + page % JournalLayout.CHUNK_PAGES * Long.BYTES;
    }

    Path path() {
        return path;
    }

    /** Lets another process have it. Stores by late threads still arrive: the mapping stays for as long as it is used. */
    @Override
    public void close() {
        try {
            held.close();
        } catch (IOException e) {
            throw new OutOfLocalResources(e, "the service's session journal cannot be closed: " + e, "path", path);
        }
    }
}
