package io.finemem.spi.coordination;

import io.finemem.api.InvalidRequest;

/**
 * An owner in the whole cluster: one run of one allocation service. Memory nodes give it ids of their own, which are
 * only valid there.
 *
 * @param name what people call it, 1 to 64 characters as in {@link MemoryNodeEntry#name}; the same for each run
 * @param incarnation number of this run, 1 or more, below 2<sup>53</sup>; never given to anybody else
 */
public record OwnerIdentity(String name, long incarnation) {
    private static final int INCARNATION_BITS = 53;

    /** Checks name and incarnation. */
    public OwnerIdentity {
        MemberName.check(name, "an owner");
        if (incarnation < 1 || incarnation >>> INCARNATION_BITS != 0) {
            throw new InvalidRequest("an incarnation is from 1 to 2^53 - 1", "incarnation", incarnation);
        }
    }

    /** {@code name#incarnation}. */
    @Override
    public String toString() {
        return name + '#' + incarnation;
    }
}
