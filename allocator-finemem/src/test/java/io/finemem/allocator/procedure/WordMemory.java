package io.finemem.allocator.procedure;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Metadata words in a map, and a fabric that executes each chain at once; a test may change words between chains. */
final class WordMemory {
    private final Map<Long, Long> words = new HashMap<>();
    private final List<String> posted = new ArrayList<>();
    private Runnable beforeNextChain = () -> {};

    long get(long offset) {
        return words.getOrDefault(offset, 0L);
    }

    void set(long offset, long value) {
        words.put(offset, value);
    }

    /** One line per chain: its operations in order. */
    List<String> posted() {
        return posted;
    }

    /** Runs once, before the next chain executes: somebody else was faster. */
    void beforeNextChain(Runnable action) {
        beforeNextChain = action;
    }

    void run(Procedure procedure) {
        while (true) {
            Chain chain = new Chain();
            if (!procedure.next(chain)) {
                return;
            }
            Runnable action = beforeNextChain;
            beforeNextChain = () -> {};
            action.run();
            chain.execute();
            procedure.completed(chain);
        }
    }

    private final class Chain implements WordChain, WordResults {
        private final List<Runnable> elements = new ArrayList<>();
        private final List<Long> results = new ArrayList<>();
        private final StringBuilder line = new StringBuilder();

        void execute() {
            elements.forEach(Runnable::run);
            posted.add(line.toString().trim());
        }

        @Override
        public void write(long offset, long value) {
            add("WRITE", () -> {
                set(offset, value);
                results.add(0L);
            });
        }

        @Override
        public void compareAndSwap(long offset, long expected, long update) {
            add("CAS", () -> {
                long before = get(offset);
                if (before == expected) {
                    set(offset, update);
                }
                results.add(before);
            });
        }

        @Override
        public void fetchAdd(long offset, long addend) {
            add("FETCH_ADD", () -> {
                results.add(get(offset));
                set(offset, get(offset) + addend);
            });
        }

        @Override
        public void read(long offset) {
            add("READ", () -> results.add(get(offset)));
        }

        private void add(String name, Runnable element) {
            elements.add(element);
            line.append(name).append(' ');
        }

        @Override
        public long word(int element) {
            return results.get(element);
        }
    }
}
