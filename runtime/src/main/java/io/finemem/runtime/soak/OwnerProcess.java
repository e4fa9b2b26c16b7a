package io.finemem.runtime.soak;

import io.finemem.api.ProtocolViolation;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** A process of owners as the parent sees it: what each of its owners said last. */
final class OwnerProcess {
    private final SoakChild child;
    private final int first;
    private final int owners;
    private final Map<Integer, Long> operations = new HashMap<>();
    private final Map<Integer, long[]> held = new HashMap<>();
    private boolean ready;
    private int joined;
    private int fenced;
    private int freed;
    private long filled = -1;

    /**
     * A process that was just started.
     *
     * @param first number of its first owner
     * @param owners how many it has
     */
    OwnerProcess(SoakChild child, int first, int owners) {
        this.child = child;
        this.first = first;
        this.owners = owners;
    }

    SoakChild child() {
        return child;
    }

    int first() {
        return first;
    }

    void said(String[] words) {
        switch (words[0]) {
            case "ready" -> ready = true;
            case "joined" -> joined++;
            case "fenced" -> fenced++;
            case "freed" -> freed++;
            case "did" -> operations.put(Integer.parseInt(words[1]), Long.parseLong(words[2]));
            case "filled" -> filled = Long.parseLong(words[2]);
            case "held" ->
                held.put(
                        Integer.parseInt(words[1]),
                        Arrays.stream(words).skip(2).mapToLong(Long::parseLong).toArray());
            default -> throw new ProtocolViolation("an owner said something unexpected", "word", words[0]);
        }
    }

    boolean ready() {
        return ready;
    }

    /** Each of its owners has worked. */
    boolean working() {
        return joined == owners && operations.size() == owners;
    }

    long operations() {
        return operations.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Owners that learnt so far that they were taken for dead. */
    int fenced() {
        return fenced;
    }

    void forgetHeld() {
        held.clear();
    }

    boolean paused() {
        return held.size() == owners;
    }

    /** Of each owner: address and length of each block, in turn. */
    Iterable<long[]> held() {
        return held.values();
    }

    boolean freed() {
        return freed == owners;
    }

    /** Chunks that the whole pool gave to one owner; negative before it was asked. */
    long filled() {
        return filled;
    }
}
