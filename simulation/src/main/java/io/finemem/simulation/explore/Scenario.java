package io.finemem.simulation.explore;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * A small scope: who may do what, and what may go wrong. Everything may happen any number of times.
 *
 * @param name how it is called on the command line
 * @param question what it looks for, in a few words
 * @param sections sections of the pool
 * @param spans spans, from the first on, that may be opened
 * @param owners owners
 * @param lanes workers of each owner, each with its own connection
 * @param slots journal slots of each owner
 * @param actions by owner, what it may do; owners that may do the same are interchangeable
 * @param orders log2 of chunks of the blocks
 * @param spanOrders log2 of spans of the blocks of whole spans
 * @param sectionRuns sections of the largest blocks
 * @param faults what may go wrong
 * @param opened whether the spans are open in the beginning
 * @param strict whether every block has an rkey of its own, ended by the memory node when the block is freed
 */
public record Scenario(
        String name,
        String question,
        int sections,
        int spans,
        int owners,
        int lanes,
        int slots,
        List<Set<Kind>> actions,
        int[] orders,
        int[] spanOrders,
        int[] sectionRuns,
        Set<Fault> faults,
        boolean opened,
        boolean strict) {

    /** What may go wrong, or is special. */
    public enum Fault {
        /** Any owner may be fenced at any time, dead or falsely suspected. */
        DEATH,
        /** A fenced owner that was recovered comes back with the same journal segment. */
        REJOIN,
        /** A process may end at any time, and another one resume its owner. */
        RESUME,
        /** A connection may fail at any time while a chain is under way. */
        LOSS,
        /** The resolver may stop at any time and begin again. */
        RESTART,
        /** Caches may be arbitrarily old. */
        STALE,
        /** Somebody flips the hint of an open span. */
        HINT,
        /** Spans count as hot at once: the resolver freezes every one that it examines. */
        FREEZE
    }

    /** A scenario of two owners of two slots in one span, to be changed. */
    static Builder of(String name, String question) {
        return new Builder(name, question);
    }

    boolean has(Fault fault) {
        return faults.contains(fault);
    }

    boolean may(int owner, Kind kind) {
        return actions.get(owner).contains(kind);
    }

    boolean symmetric() {
        return actions.stream().distinct().count() == 1;
    }

    /** Spans of the first section that nobody may use, unless blocks of whole sections are claimed. */
    int spansOutOfUse() {
        return sectionRuns.length > 0 ? 0 : 0xffff & -1 << spans;
    }

    /** Collects what differs from two owners of two slots in one span. */
    static final class Builder {
        private final String name;
        private final String question;
        private int sections = 1;
        private int spans = 1;
        private int owners = 2;
        private int lanes = 1;
        private int slots = 2;
        private List<Set<Kind>> actions = List.of();
        private int[] orders = {4};
        private int[] spanOrders = {};
        private int[] sectionRuns = {};
        private Set<Fault> faults = EnumSet.noneOf(Fault.class);
        private boolean opened;
        private boolean strict;

        private Builder(String name, String question) {
            this.name = name;
            this.question = question;
        }

        Builder sections(int count, int... runs) {
            sections = count;
            sectionRuns = runs;
            return this;
        }

        Builder spans(int count) {
            spans = count;
            return this;
        }

        Builder owners(int count) {
            owners = count;
            return this;
        }

        Builder lanes(int count) {
            lanes = count;
            return this;
        }

        Builder slots(int count) {
            slots = count;
            return this;
        }

        /** Everybody may do these. */
        Builder all(Kind first, Kind... rest) {
            Set<Kind> kinds = EnumSet.of(first, rest);
            actions = Collections.nCopies(owners, kinds);
            return this;
        }

        /** The next owner may do these. */
        Builder next(Kind first, Kind... rest) {
            List<Set<Kind>> more = new ArrayList<>(actions);
            more.add(EnumSet.of(first, rest));
            actions = List.copyOf(more);
            return this;
        }

        Builder orders(int... log2) {
            orders = log2;
            return this;
        }

        Builder spanOrders(int... log2) {
            spanOrders = log2;
            return this;
        }

        Builder faults(Fault first, Fault... rest) {
            faults = EnumSet.of(first, rest);
            return this;
        }

        Builder opened() {
            opened = true;
            return this;
        }

        Builder strict() {
            strict = true;
            return this;
        }

        Scenario build() {
            if (actions.size() != owners) {
                throw new IllegalArgumentException(name + ": actions of " + actions.size() + " owners, not " + owners);
            }
            return new Scenario(
                    name,
                    question,
                    sections,
                    spans,
                    owners,
                    lanes,
                    slots,
                    actions,
                    orders,
                    spanOrders,
                    sectionRuns,
                    faults,
                    opened,
                    strict);
        }
    }
}
