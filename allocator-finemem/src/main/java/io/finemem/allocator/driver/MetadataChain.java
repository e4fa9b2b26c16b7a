package io.finemem.allocator.driver;

import io.finemem.allocator.procedure.WordChain;
import io.finemem.allocator.procedure.WordResults;
import io.finemem.spi.transport.Chain;

/** A chain on the metadata of one memory node, as procedures see it. Used by the thread that uses the connection. */
final class MetadataChain implements WordChain, WordResults {
    private final Chain chain;
    private final long address;
    private final int rkey;

    MetadataChain(Chain chain, long address, int rkey) {
        this.chain = chain;
        this.address = address;
        this.rkey = rkey;
    }

    Chain chain() {
        return chain;
    }

    @Override
    public void write(long offset, long value) {
        chain.writeWord(address + offset, rkey, value);
    }

    @Override
    public void compareAndSwap(long offset, long expected, long update) {
        chain.compareAndSwap(address + offset, rkey, expected, update);
    }

    @Override
    public void fetchAdd(long offset, long addend) {
        chain.fetchAdd(address + offset, rkey, addend);
    }

    @Override
    public void read(long offset) {
        chain.readWord(address + offset, rkey);
    }

    @Override
    public long word(int element) {
        return chain.word(element);
    }
}
