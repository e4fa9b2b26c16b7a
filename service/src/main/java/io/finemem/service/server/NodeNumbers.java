package io.finemem.service.server;

import io.finemem.allocator.control.NodeControl;
import io.finemem.api.InvalidRequest;
import io.finemem.api.MemoryNodeLost;
import io.finemem.service.journal.NodeLog;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongPredicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The numbers by which applications know memory nodes. A number stands for one run of a node, also after the service was started
 * again: an application that holds blocks of a node which was lost meanwhile never takes its successor for it. The owner of each
 * run of the service numbers its nodes by itself.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread.
 */
final class NodeNumbers {
    /** @param control null if it was lost before this run of the service */
    private record Known(String name, @Nullable NodeControl control) {}

    private final Supplier<List<NodeControl>> ofOwner;
    private final @Nullable NodeLog log;
    private final List<Known> known = new ArrayList<>();
    /** By the owner's index; replaced as a whole. */
    private volatile int[] numbers = {};

    /** A service without a predecessor and a successor. */
    NodeNumbers(Supplier<List<NodeControl>> ofOwner) {
        this.ofOwner = ofOwner;
        this.log = null;
        follow();
    }

    /**
     * Goes on with the numbers of the runs before.
     *
     * @param resumed whether the owner is the one that it was before at the node of a boot nonce; elsewhere everything is lost
     */
    NodeNumbers(Supplier<List<NodeControl>> ofOwner, NodeLog log, LongPredicate resumed) {
        this.ofOwner = ofOwner;
        this.log = log;
        List<NodeControl> now = ofOwner.get();
        int[] first = new int[now.size()];
        Arrays.fill(first, -1);
        List<NodeLog.Node> before = log.nodes();
        before.forEach(node -> known.add(new Known(node.name(), null)));
        for (int number = before.size() - 1;
                number >= 0;
                number--) { // of several owners at one run of a node the last counts
            NodeLog.Node node = before.get(number);
            int index = node.lost() || !resumed.test(node.bootNonce()) ? -1 : unnumbered(now, first, node.bootNonce());
            if (index >= 0) {
                first[index] = number;
                known.set(number, new Known(node.name(), now.get(index)));
            } else if (!node.lost()) {
                log.lose(number);
            }
        }
        for (int index = 0; index < first.length; index++) {
            first[index] = first[index] < 0 ? add(now.get(index)) : first[index];
        }
        numbers = first;
    }

    private static int unnumbered(List<NodeControl> all, int[] taken, long bootNonce) {
        for (int index = 0; index < taken.length; index++) {
            if (taken[index] < 0 && all.get(index).bootNonce() == bootNonce) {
                return index;
            }
        }
        return -1;
    }

    private int add(NodeControl node) {
        if (log != null) {
            log.add(node.memoryNode(), node.bootNonce());
        }
        known.add(new Known(node.memoryNode(), node));
        return known.size() - 1;
    }

    /** Nodes that joined. */
    private synchronized void follow() {
        List<NodeControl> now = ofOwner.get();
        int[] more = numbers;
        for (int index = more.length; index < now.size(); index++) {
            more = Arrays.copyOf(more, index + 1);
            more[index] = add(now.get(index));
        }
        numbers = more;
    }

    /** The number of the node that has this index with the owner. */
    int of(int index) {
        int[] now = numbers;
        if (index >= now.length) {
            follow();
            now = numbers;
        }
        return now[index];
    }

    /** Names by number, of the first ones. */
    synchronized List<String> names(int most) {
        follow();
        return known.stream().limit(most).map(Known::name).toList();
    }

    /** Numbers of the latest nodes that were lost before this run of the service. */
    synchronized List<Integer> lost(int most) {
        List<Integer> lost = new ArrayList<>();
        for (int number = known.size() - 1; number >= 0 && lost.size() < most; number--) {
            if (known.get(number).control() == null) {
                lost.add(number);
            }
        }
        return lost;
    }

    /** Name of the node of that number, which an application may have made up. */
    String name(int number) {
        return known(number).name();
    }

    /**
     * The owner's session with it.
     *
     * @throws InvalidRequest if there is none of that number
     * @throws MemoryNodeLost if it was lost before this run of the service
     */
    NodeControl control(int number) {
        Known node = known(number);
        NodeControl control = node.control();
        if (control == null) {
            throw new MemoryNodeLost(
                    "memory node " + node.name() + " was lost while the allocation service was away", "node", number);
        }
        return control;
    }

    private synchronized Known known(int number) {
        follow();
        if (number < 0 || number >= known.size()) {
            throw new InvalidRequest("there is no such memory node", "node", number, "nodes", known.size());
        }
        return known.get(number);
    }
}
