package io.finemem.examples;

import io.finemem.api.RegisteredBuffer;
import io.finemem.api.RemoteBlock;
import io.finemem.api.ScatterList;
import io.finemem.runtime.FineMem;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Transfers without a copy: from registered buffers, gathered from several of them, and many at a time. */
public final class ZeroCopy {
    private static final int PAGE = 4096;
    private static final int PAGES = 64;

    private ZeroCopy() {}

    public static void main(String[] arguments) {
        try (FineMem memory = FineMem.embedded();
                RemoteBlock block = memory.allocate((long) PAGE * PAGES);
                RegisteredBuffer header = memory.buffers().acquire(16);
                RegisteredBuffer page = memory.buffers().acquire(PAGE)) {
            header.bytes().putLong(0, 2);
            page.bytes().putLong(0, 1001).putLong(8, 1002);
            block.write(0, new ScatterList().add(header, 0, 16).add(page, 0, PAGE - 16)); // one doorbell

            List<CompletableFuture<Void>> writes = new ArrayList<>();
            for (int i = 1; i < PAGES; i++) {
                writes.add(block.writeAsync((long) PAGE * i, page, 0, PAGE).toCompletableFuture());
            }
            CompletableFuture.allOf(writes.toArray(CompletableFuture[]::new)).join();

            block.read(0, page, 0, PAGE);
            System.out.println(page.bytes().getLong(0) + " records, the last "
                    + page.bytes().getLong(24) + ", " + (1 + writes.size()) + " pages written");
        }
    }
}
