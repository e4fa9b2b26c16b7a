package io.finemem.simulation.explore;

import org.jspecify.annotations.Nullable;

/** Everything at one moment. Owners and resolvers are shared between states until they change. */
final class State {
    /** See {@link Words}. */
    final long[] words;

    final OwnerState[] owners;
    final @Nullable ResolverState[] resolvers;
    /** Number in the order of discovery. */
    int number;

    State(long[] words, OwnerState[] owners, @Nullable ResolverState[] resolvers) {
        this.words = words;
        this.owners = owners;
        this.resolvers = resolvers;
    }

    State copy() {
        return new State(words.clone(), owners.clone(), resolvers.clone());
    }

    /** The owner, to be changed. */
    OwnerState change(int owner) {
        owners[owner] = owners[owner].copy();
        return owners[owner];
    }

    boolean resolverIdle() {
        for (ResolverState resolver : resolvers) {
            if (resolver != null) {
                return false;
            }
        }
        return true;
    }
}
