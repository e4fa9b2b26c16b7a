package io.finemem.service.journal;

import io.finemem.allocator.resume.BlockIdentity;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The slots of one session for one kind of things, by index. A page has 64 of them. One thread at a time. */
final class Slots {
    private final JournalFile file;
    private final int kind;
    private final long session;
    private ByteBuffer[] pages = new ByteBuffer[0];
    private int[] numbers = new int[0];

    Slots(JournalFile file, int kind, long session) {
        this.file = file;
        this.kind = kind;
        this.session = session;
    }

    /** Makes sure that the first slots are there. */
    void reserve(int count) {
        int wanted = count + JournalLayout.SLOTS - 1 >>> JournalLayout.SLOT_SHIFT;
        while (pages.length < wanted) {
            add(file.take(kind, session));
        }
    }

    private void add(int page) {
        pages = Arrays.copyOf(pages, pages.length + 1);
        numbers = Arrays.copyOf(numbers, numbers.length + 1);
        pages[pages.length - 1] = file.page(page);
        numbers[numbers.length - 1] = page;
    }

    /** Slots that are there. */
    int count() {
        return pages.length << JournalLayout.SLOT_SHIFT;
    }

    ByteBuffer page(int index) {
        return pages[index >>> JournalLayout.SLOT_SHIFT];
    }

    static int at(int index) {
        return (index & JournalLayout.SLOTS - 1) * JournalLayout.SLOT_BYTES;
    }

    /** Writes a slot; it counts, if it is of a call, once that is committed. */
    void put(long handle, long group, long nonce, long units, long owner, long generation) {
        ByteBuffer page = page((int) handle);
        int at = at((int) handle);
        JournalLayout.LONG.set(page, at + JournalLayout.HANDLE, handle);
        JournalLayout.LONG.set(page, at + JournalLayout.GROUP, group);
        JournalLayout.LONG.set(page, at + JournalLayout.NONCE, nonce);
        JournalLayout.LONG.set(page, at + JournalLayout.UNITS, units);
        JournalLayout.LONG.set(page, at + JournalLayout.OWNER, owner);
        JournalLayout.LONG.set(page, at + JournalLayout.GENERATION, generation);
        JournalLayout.LONG.set(page, at + JournalLayout.FREEING, 0L);
        JournalLayout.LONG.setRelease(page, at, word(handle, group, nonce, units, owner, generation));
    }

    private static long word(long handle, long group, long nonce, long units, long owner, long generation) {
        long check = JournalLayout.mix(JournalLayout.mix(JournalLayout.mix(1, handle), group), nonce);
        check = JournalLayout.mix(JournalLayout.mix(JournalLayout.mix(check, units), owner), generation);
        return check << Integer.SIZE | 1;
    }

    void setFreeing(int index, long group) {
        JournalLayout.LONG.setRelease(page(index), at(index) + JournalLayout.FREEING, group);
    }

    void clear(int index) {
        JournalLayout.LONG.setRelease(page(index), at(index), 0L);
    }

    long word(int index, int field) {
        return (long) JournalLayout.LONG.getAcquire(page(index), at(index) + field);
    }

    boolean full(int index) {
        return word(index, 0) != 0;
    }

    /** Where a page that was found lies; pages come in any order. */
    void place(int page) {
        ByteBuffer bytes = file.page(page);
        int first = firstIndex(bytes);
        if (first < 0) {
            file.giveBack(page); // never used
            return;
        }
        int position = first >>> JournalLayout.SLOT_SHIFT;
        if (position >= file.pages()) {
            throw file.damaged("a slot is further away than the session has pages");
        }
        if (position >= pages.length) {
            pages = Arrays.copyOf(pages, position + 1);
            numbers = Arrays.copyOf(numbers, position + 1);
        }
        if (pages[position] != null) {
            throw file.damaged("two pages say that they are the same");
        }
        pages[position] = bytes;
        numbers[position] = page;
    }

    private int firstIndex(ByteBuffer bytes) {
        for (int i = 0; i < JournalLayout.SLOTS; i++) {
            int at = i * JournalLayout.SLOT_BYTES;
            long handle = (long) JournalLayout.LONG.get(bytes, at + JournalLayout.HANDLE);
            if (handle != 0) {
                int index = (int) handle;
                if (index < 0 || (index & JournalLayout.SLOTS - 1) != i) {
                    throw file.damaged("a slot has another's handle");
                }
                return index;
            }
        }
        return -1;
    }

    /** After all pages were placed: fills gaps, and checks what is there. */
    void check() {
        for (int i = 0; i < pages.length; i++) {
            if (isMissing(pages[i])) {
                numbers[i] = file.take(kind, session);
                pages[i] = file.page(numbers[i]);
            }
        }
        for (int index = 0; index < count(); index++) {
            long word = word(index, 0);
            if (word != 0 && word != expected(index) || word != 0 && handle(index) != index) {
                throw file.damaged("a slot of session " + session + " is not what was written");
            }
        }
    }

    private static boolean isMissing(@Nullable ByteBuffer page) {
        return page == null;
    }

    private int handle(int index) {
        return (int) word(index, JournalLayout.HANDLE);
    }

    private long expected(int index) {
        return word(
                word(index, JournalLayout.HANDLE),
                word(index, JournalLayout.GROUP),
                word(index, JournalLayout.NONCE),
                word(index, JournalLayout.UNITS),
                word(index, JournalLayout.OWNER),
                word(index, JournalLayout.GENERATION));
    }

    BlockIdentity identity(int index) {
        long owner = word(index, JournalLayout.OWNER);
        try {
            return new BlockIdentity(
                    word(index, JournalLayout.NONCE),
                    word(index, JournalLayout.UNITS),
                    (int) owner,
                    (int) (owner >>> Integer.SIZE),
                    (int) word(index, JournalLayout.GENERATION));
        } catch (IllegalArgumentException e) {
            throw file.damaged("a slot of session " + session + " names no block (" + e.getMessage() + ")");
        }
    }

    void giveBack() {
        for (int number : numbers) {
            file.giveBack(number);
        }
        pages = new ByteBuffer[0];
        numbers = new int[0];
    }
}
