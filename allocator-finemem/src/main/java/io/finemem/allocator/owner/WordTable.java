package io.finemem.allocator.owner;

import io.finemem.allocator.driver.ChainDriver;
import io.finemem.allocator.procedure.ReadWords;
import java.util.Map;
import java.util.TreeMap;

/** Words of the metadata, read once each, {@link ReadWords#CAPACITY} in a round trip. */
final class WordTable {
    private final Map<Long, Long> words = new TreeMap<>();

    /** A word that is to be read. */
    void want(long offset) {
        words.put(offset, 0L);
    }

    /** Reads all words wanted. */
    void read(ChainDriver driver) {
        ReadWords batch = new ReadWords().prepare();
        long[] offsets = new long[ReadWords.CAPACITY];
        for (long offset : words.keySet()) {
            offsets[batch.size()] = offset;
            batch.add(offset);
            if (batch.size() == ReadWords.CAPACITY) {
                read(driver, batch, offsets);
            }
        }
        read(driver, batch, offsets);
    }

    private void read(ChainDriver driver, ReadWords batch, long[] offsets) {
        driver.run(batch);
        for (int i = 0; i < batch.size(); i++) {
            words.replace(offsets[i], batch.value(i)); // no new key: the iteration over the keys goes on
        }
        batch.prepare();
    }

    /** A word that was read. */
    long value(long offset) {
        return words.get(offset);
    }
}
