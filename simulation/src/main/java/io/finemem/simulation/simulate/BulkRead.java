package io.finemem.simulation.simulate;

import io.finemem.allocator.procedure.Procedure;
import io.finemem.allocator.procedure.StateSink;
import io.finemem.allocator.procedure.WordChain;
import io.finemem.allocator.procedure.WordResults;
import java.util.List;

/** Reads consecutive words into a cache; what it reads need not be of one moment. */
final class BulkRead implements Procedure {
    private final List<Long> offsets;
    private final long[] target;
    private boolean done;

    BulkRead(List<Long> offsets, long[] target) {
        this.offsets = offsets;
        this.target = target;
    }

    @Override
    public boolean next(WordChain chain) {
        if (done) {
            return false;
        }
        offsets.forEach(chain::read);
        return true;
    }

    @Override
    public void completed(WordResults results) {
        for (int i = 0; i < target.length; i++) {
            target[i] = results.word(i);
        }
        done = true;
    }

    @Override
    public void lost() {
        done = true;
    }

    @Override
    public BulkRead copy() {
        BulkRead copy = new BulkRead(offsets, target);
        copy.done = done;
        return copy;
    }

    @Override
    public void state(StateSink sink) {
        sink.number(done ? 1 : 0);
    }
}
