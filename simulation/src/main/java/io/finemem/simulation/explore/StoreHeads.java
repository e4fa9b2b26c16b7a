package io.finemem.simulation.explore;

import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.procedure.Procedure;
import io.finemem.allocator.procedure.StateSink;
import io.finemem.allocator.procedure.WordChain;
import io.finemem.allocator.procedure.WordResults;
import java.util.Set;

/** Acknowledges the entries that an agent found when it began again, after their slots were resolved. */
final class StoreHeads implements Resolution, Procedure {
    private final MetadataLayout layout;
    private final long[] heads;
    private boolean posted;

    /** A head of 0 is left as it is. */
    StoreHeads(MetadataLayout layout, long[] heads) {
        this.layout = layout;
        this.heads = heads;
    }

    @Override
    public boolean next(WordChain chain) {
        if (posted) {
            return false;
        }
        for (int segment = 0; segment < heads.length; segment++) {
            if (heads[segment] != 0) {
                chain.write(layout.revokeHead(segment), heads[segment]);
            }
        }
        return true;
    }

    @Override
    public void completed(WordResults results) {
        posted = true;
    }

    @Override
    public void lost() {
        posted = true;
    }

    @Override
    public void state(StateSink sink) {
        for (int segment = 0; segment < heads.length; segment++) {
            sink.number(heads[segment] == 0 ? 0 : 1);
        }
    }

    @Override
    public Procedure procedure() {
        return this;
    }

    @Override
    public boolean resolved() {
        return false;
    }

    @Override
    public boolean erased(int slot) {
        return false;
    }

    @Override
    public Set<Integer> waitingFor() {
        return Set.of();
    }

    @Override
    public StoreHeads copy() {
        StoreHeads copy = new StoreHeads(layout, heads);
        copy.posted = posted;
        return copy;
    }
}
