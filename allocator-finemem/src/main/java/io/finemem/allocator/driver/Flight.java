package io.finemem.allocator.driver;

import io.finemem.allocator.procedure.WordChain;
import io.finemem.allocator.procedure.WordResults;

/** What a {@link Pipeline} carries: a procedure and what belongs to it. */
public interface Flight {
    /** As {@link io.finemem.allocator.procedure.Procedure#next}. */
    boolean next(WordChain chain);

    /** As {@link io.finemem.allocator.procedure.Procedure#completed}; must not throw. */
    void completed(WordResults results);

    /** As {@link io.finemem.allocator.procedure.Procedure#lost}. */
    void lost();
}
