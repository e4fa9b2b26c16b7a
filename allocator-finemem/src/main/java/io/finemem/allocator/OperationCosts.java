package io.finemem.allocator;

/**
 * What operations of one kind cost on the fabric, exactly.
 *
 * @param count operations
 * @param doorbells chains posted
 * @param roundTrips dependent round trips waited for
 * @param verbs one-sided operations posted
 */
public record OperationCosts(long count, long doorbells, long roundTrips, long verbs) {
    /** Nothing. */
    public static final OperationCosts NONE = new OperationCosts(0, 0, 0, 0);

    /** The sum of both. */
    public OperationCosts plus(OperationCosts other) {
        return new OperationCosts(
                count + other.count, doorbells + other.doorbells, roundTrips + other.roundTrips, verbs + other.verbs);
    }
}
