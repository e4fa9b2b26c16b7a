package io.finemem.service.journal;

import io.finemem.api.InvalidConfiguration;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The memory nodes that sessions know by number. A number stands for one run of one node, as long as the journal has sessions:
 * what was lost keeps its number, and what comes back gets another one.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread.
 */
public final class NodeLog {
    private final JournalFile file;
    private final List<Integer> pages = new ArrayList<>();
    private final List<Node> nodes = new ArrayList<>();

    /**
     * A memory node.
     *
     * @param name its name
     * @param bootNonce random number of its run
     * @param lost whether what sessions held there is lost
     */
    public record Node(String name, long bootNonce, boolean lost) {}

    /** What the file has of them. */
    NodeLog(JournalFile file) {
        this.file = file;
        SortedMap<Long, Integer> found = new TreeMap<>();
        file.visit((page, kind, position) -> {
            if (kind == JournalLayout.NODES && found.put(position, page) != null) {
                throw file.damaged("two pages of memory nodes have the same place");
            }
        });
        pages.addAll(found.values());
        if (!found.isEmpty() && found.lastKey() != pages.size() - 1) {
            throw file.damaged("a page of memory nodes is missing");
        }
        boolean ended = false;
        for (int number = 0; number < pages.size() * JournalLayout.NODES_OF_PAGE; number++) {
            boolean written = word(number, 0) != 0;
            if (written && ended) {
                throw file.damaged("a memory node is missing");
            }
            ended |= !written;
            if (written) {
                nodes.add(read(number));
            }
        }
    }

    private Node read(int number) {
        ByteBuffer page = page(number);
        int at = at(number);
        int length = (int) JournalLayout.INT.get(page, at + JournalLayout.NODE_NAME_LENGTH);
        long lost = word(number, JournalLayout.NODE_LOST);
        if (word(number, 0) != check(page, at)
                || length < 0
                || length > JournalLayout.MAX_NODE_NAME
                || lost >>> 1 != 0) {
            throw file.damaged("memory node " + number + " is not what was written");
        }
        byte[] name = new byte[length];
        page.get(at + JournalLayout.NODE_NAME, name);
        return new Node(new String(name, StandardCharsets.UTF_8), word(number, JournalLayout.NODE_NONCE), lost == 1);
    }

    private static long check(ByteBuffer page, int at) {
        long check = JournalLayout.mix(1, (long) JournalLayout.LONG.get(page, at + JournalLayout.NODE_NONCE));
        for (int word = JournalLayout.NODE_NAME_LENGTH; word < JournalLayout.NODE_BYTES; word += Long.BYTES) {
            check = JournalLayout.mix(check, (long) JournalLayout.LONG.get(page, at + word));
        }
        return check << Integer.SIZE | 1;
    }

    private ByteBuffer page(int number) {
        return file.page(pages.get(number / JournalLayout.NODES_OF_PAGE));
    }

    private static int at(int number) {
        return number % JournalLayout.NODES_OF_PAGE * JournalLayout.NODE_BYTES;
    }

    private long word(int number, int field) {
        return (long) JournalLayout.LONG.getAcquire(page(number), at(number) + field);
    }

    /** All of them, by number. */
    public synchronized List<Node> nodes() {
        return List.copyOf(nodes);
    }

    /**
     * One more, before a session hears of it.
     *
     * @throws InvalidConfiguration if its name is too long
     * @throws io.finemem.api.OutOfLocalResources if the file cannot grow
     */
    public synchronized void add(String name, long bootNonce) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > JournalLayout.MAX_NODE_NAME) {
            throw new InvalidConfiguration(
                    "the session journal has no room for so long a name of a memory node: " + name);
        }
        int number = nodes.size();
        if (number == pages.size() * JournalLayout.NODES_OF_PAGE) {
            pages.add(file.take(JournalLayout.NODES, pages.size()));
        }
        ByteBuffer page = page(number);
        int at = at(number);
        JournalLayout.LONG.set(page, at + JournalLayout.NODE_NONCE, bootNonce);
        JournalLayout.INT.set(page, at + JournalLayout.NODE_NAME_LENGTH, bytes.length);
        page.put(at + JournalLayout.NODE_NAME, bytes);
        JournalLayout.LONG.setRelease(page, at, check(page, at));
        nodes.add(new Node(name, bootNonce, false));
    }

    /** What sessions held there is lost, whatever comes. */
    public synchronized void lose(int number) {
        Node node = nodes.get(number);
        JournalLayout.LONG.setRelease(page(number), at(number) + JournalLayout.NODE_LOST, 1L);
        nodes.set(number, new Node(node.name(), node.bootNonce(), true));
    }

    /** Forgets all: no session knows a number. */
    synchronized void clear() {
        for (int i = pages.size() - 1; i >= 0; i--) {
            file.giveBack(pages.get(i));
        }
        pages.clear();
        nodes.clear();
    }
}
