package io.finemem.simulation.explore;

import io.finemem.allocator.procedure.Procedure;
import io.finemem.allocator.procedure.StateSink;
import io.finemem.allocator.procedure.WordChain;
import io.finemem.allocator.procedure.WordResults;
import io.finemem.allocator.recovery.ResolveSlots;
import io.finemem.simulation.step.PostedChain;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** The shipped resolution, to which some results are told wrongly: that is how a step of it is left out. */
final class FilteredResolution implements Resolution, Procedure {
    static final int DIRECTORY = 0;
    static final int WITNESS_DIRECTORY = 3;
    static final int WITNESS_SLOTS = 4;
    static final int SECOND_READING = 5;

    /** Tells a result in place of the true one. */
    interface Filter {
        long result(FilteredResolution resolution, int phase, long offset, long result);
    }

    private final ResolveSlots inner;
    private final Filter filter;
    /** Words that are read before everything else; {@link #snapshot} has what they said. */
    private final long[] readFirst;

    private final Map<Long, Long> snapshot;
    private boolean readingFirst;
    private PostedChain posted = new PostedChain();

    FilteredResolution(ResolveSlots inner, Filter filter, long... readFirst) {
        this(inner, filter, readFirst, new HashMap<>(), readFirst.length > 0);
    }

    private FilteredResolution(
            ResolveSlots inner, Filter filter, long[] readFirst, Map<Long, Long> snapshot, boolean readingFirst) {
        this.inner = inner;
        this.filter = filter;
        this.readFirst = readFirst;
        this.snapshot = snapshot;
        this.readingFirst = readingFirst;
    }

    /** What a word said in the beginning, or else what it says now. */
    long inTheBeginning(long offset, long now) {
        return snapshot.getOrDefault(offset, now);
    }

    /** What the first reading of a word found, or else what it says now. */
    long atFirstReading(long offset, long now) {
        return collect().words.getOrDefault(offset, now);
    }

    private Collector collect() {
        Collector collector = new Collector();
        inner.state(collector);
        return collector;
    }

    private static final class Collector implements StateSink {
        private final Map<Long, Long> words = new HashMap<>();
        private int phase = -1;

        @Override
        public void number(long value) {
            phase = phase < 0 ? (int) value : phase;
        }

        @Override
        public void slot(int slot) {}

        @Override
        public void position(int segment, long position) {}

        @Override
        public void word(long offset, long value) {
            words.putIfAbsent(offset, value);
        }
    }

    @Override
    public boolean next(WordChain chain) {
        posted = new PostedChain();
        if (readingFirst) {
            for (long offset : readFirst) {
                posted.read(offset);
            }
        } else if (!inner.next(posted)) {
            return false;
        }
        for (int i = 0; i < posted.size(); i++) {
            switch (posted.kind(i)) {
                case PostedChain.WRITE -> chain.write(posted.offset(i), posted.first(i));
                case PostedChain.CAS -> chain.compareAndSwap(posted.offset(i), posted.first(i), posted.second(i));
                case PostedChain.ADD -> chain.fetchAdd(posted.offset(i), posted.first(i));
                default -> chain.read(posted.offset(i));
            }
        }
        return true;
    }

    @Override
    public void completed(WordResults results) {
        if (readingFirst) {
            readingFirst = false;
            for (int i = 0; i < readFirst.length; i++) {
                snapshot.put(readFirst[i], results.word(i));
            }
            return;
        }
        int phase = collect().phase;
        if (phase == DIRECTORY) {
            for (int i = 0; i < posted.size(); i++) {
                snapshot.put(posted.offset(i), results.word(i));
            }
        }
        inner.completed(element -> filter.result(this, phase, posted.offset(element), results.word(element)));
    }

    @Override
    public void lost() {
        inner.lost();
    }

    @Override
    public void state(StateSink sink) {
        inner.state(sink);
        sink.number(readingFirst ? 1 : 0);
        snapshot.forEach((offset, word) -> sink.number(offset * 31 + word));
    }

    @Override
    public Procedure procedure() {
        return this;
    }

    @Override
    public boolean resolved() {
        return inner.resolved();
    }

    @Override
    public boolean erased(int slot) {
        return inner.erased(slot);
    }

    @Override
    public Set<Integer> waitingFor() {
        return inner.waitingFor();
    }

    @Override
    public FilteredResolution copy() {
        FilteredResolution copy =
                new FilteredResolution(inner.copy(), filter, readFirst, new HashMap<>(snapshot), readingFirst);
        copy.posted = posted;
        return copy;
    }
}
