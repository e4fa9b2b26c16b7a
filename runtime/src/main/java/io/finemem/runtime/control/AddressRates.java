package io.finemem.runtime.control;

import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How many connections an address may make in a second. Each address has a bucket of as many connections, which fills again
 * within a second. As many addresses are remembered as may be told apart without giving strangers memory; the one that has
 * been away longest is forgotten first, and its bucket is full again by then unless there are very many. Thread-safe.
 */
final class AddressRates {
    static final int MAX_ADDRESSES = 4096;

    private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    private static final class Bucket {
        private double left;
        private long nanos;

        Bucket(double left, long nanos) {
            this.left = left;
            this.nanos = nanos;
        }
    }

    private final int perSecond;
    private final LongSupplier nanoTime;
    private final Map<InetAddress, Bucket> buckets = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<InetAddress, Bucket> eldest) {
            return size() > MAX_ADDRESSES;
        }
    };

    AddressRates(int perSecond, LongSupplier nanoTime) {
        this.perSecond = perSecond;
        this.nanoTime = nanoTime;
    }

    /** Whether one more connection of the address is within its rate; one that is not does not count. */
    synchronized boolean allows(InetAddress address) {
        long now = nanoTime.getAsLong();
        Bucket bucket = buckets.computeIfAbsent(address, absent -> new Bucket(perSecond, now));
        bucket.left = Math.min(perSecond, bucket.left + (now - bucket.nanos) / NANOS_PER_SECOND * perSecond);
        bucket.nanos = now;
        if (bucket.left < 1) {
            return false;
        }
        bucket.left--;
        return true;
    }

    synchronized int remembered() {
        return buckets.size();
    }
}
