package io.finemem.simulation.simulate;

import java.util.PriorityQueue;

/** Virtual time in nanoseconds, and what is to happen when. What is due at the same time happens in the order it was asked for. */
final class Clock {
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private long now;
    private long asked;

    private record Event(long time, long number, Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            int byTime = Long.compare(time, other.time);
            return byTime != 0 ? byTime : Long.compare(number, other.number);
        }
    }

    long now() {
        return now;
    }

    void after(long nanos, Runnable action) {
        events.add(new Event(now + nanos, asked++, action));
    }

    /** The next thing happens; false if there is none. */
    boolean step() {
        Event next = events.poll();
        if (next == null) {
            return false;
        }
        now = next.time();
        next.action().run();
        return true;
    }
}
