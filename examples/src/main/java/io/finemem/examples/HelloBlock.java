package io.finemem.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.finemem.api.RemoteBlock;
import io.finemem.runtime.FineMem;
import java.nio.ByteBuffer;

/** A block, from a memory node in this process: written, read, changed by atomics, given back. */
public final class HelloBlock {
    private HelloBlock() {}

    public static void main(String[] arguments) {
        try (FineMem memory = FineMem.embedded();
                RemoteBlock block = memory.allocate(64 * 1024)) {
            block.write(0, ByteBuffer.wrap("hello, block".getBytes(UTF_8)));
            ByteBuffer text = ByteBuffer.allocate(12);
            block.read(0, text);
            long before = block.fetchAdd(4096, 1);
            boolean swapped = block.compareAndSwap(4096, before + 1, 42) == before + 1;
            System.out.println(new String(text.array(), UTF_8) + ", swapped: " + swapped);
        }
    }
}
