package io.finemem.runtime.soak.system;

/**
 * What one kind of fault did to the applications, from when it began until all worked again.
 *
 * @param times how often it was done
 * @param longestPauseMillis longest time that an application did not complete an operation; its own stop counts
 * @param failed allocations that ended with a typed error
 * @param lostBlocks blocks that ended with a typed error because what held them was lost
 */
public record FaultTally(int times, long longestPauseMillis, long failed, long lostBlocks) {
    static final FaultTally NONE = new FaultTally(0, 0, 0, 0);

    FaultTally plus(FaultTally other) {
        return new FaultTally(
                times + other.times,
                Math.max(longestPauseMillis, other.longestPauseMillis),
                failed + other.failed,
                lostBlocks + other.lostBlocks);
    }
}
