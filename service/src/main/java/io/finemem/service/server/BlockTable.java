package io.finemem.service.server;

import io.finemem.api.RemoteBlock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The blocks of one session by handle. A handle is an index and the number of times that the index was given out, so a stale one
 * is never another block's until 2^32 blocks later.
 *
 * <pre>
 *   63           32 31           0
 *   +--------------+--------------+
 *   |  generation  |    index     |
 *   +--------------+--------------+
 * </pre>
 *
 * <p>Not thread-safe.
 */
final class BlockTable {
    private static final int FIRST_CAPACITY = 64;

    private @Nullable RemoteBlock[] blocks = new @Nullable RemoteBlock[FIRST_CAPACITY];
    private int[] generations = new int[FIRST_CAPACITY];
    private int[] free = new int[FIRST_CAPACITY];
    private int freeCount;
    private int used;
    private int live;

    /** How many indices there will be with so many blocks more. */
    int indicesWith(int more) {
        return used + Math.max(0, more - freeCount);
    }

    /** The first indices of an empty table, which were given out so often before. */
    void recall(int count, IntUnaryOperator generation) {
        while (generations.length < count) {
            enlarge();
        }
        used = count;
        for (int index = count - 1; index >= 0; index--) {
            generations[index] = generation.applyAsInt(index);
            free[freeCount++] = index;
        }
    }

    /**
     * After {@link #recall}: puts back what was there, all of it at once.
     *
     * @param others handles without a block that are still in use, to be {@linkplain #retire retired}
     */
    void recall(Map<Long, RemoteBlock> held, Collection<Long> others) {
        held.forEach(this::restore);
        Set<Integer> used = others.stream().map(Long::intValue).collect(Collectors.toSet());
        int kept = 0;
        for (int i = 0; i < freeCount; i++) {
            if (blocks[free[i]] == null && !used.contains(free[i])) {
                free[kept++] = free[i];
            }
        }
        freeCount = kept;
    }

    /** Enters a block. */
    long add(RemoteBlock block) {
        int index = freeCount > 0 ? free[--freeCount] : fresh();
        blocks[index] = block;
        live++;
        return handle(index, ++generations[index]);
    }

    private int fresh() {
        if (used == blocks.length) {
            enlarge();
        }
        return used++;
    }

    private void enlarge() {
        blocks = Arrays.copyOf(blocks, 2 * blocks.length);
        generations = Arrays.copyOf(generations, 2 * generations.length);
        free = Arrays.copyOf(free, 2 * free.length);
    }

    /** The block of a handle, or null if this session holds none of that name. */
    @Nullable
    RemoteBlock get(long handle) {
        int index = (int) handle;
        boolean known = index >= 0 && index < used && generations[index] == (int) (handle >>> Integer.SIZE);
        return known ? blocks[index] : null;
    }

    /** Takes a block out; null if this session holds none of that name. The handle can be {@linkplain #restore restored}. */
    @Nullable
    RemoteBlock take(long handle) {
        RemoteBlock block = get(handle);
        if (block != null) {
            blocks[(int) handle] = null;
            live--;
        }
        return block;
    }

    /** Puts a block back that was {@linkplain #take taken} and not {@linkplain #retire retired}. */
    void restore(long handle, RemoteBlock block) {
        blocks[(int) handle] = block;
        live++;
    }

    /** Ends a handle whose block was taken. */
    void retire(long handle) {
        free[freeCount++] = (int) handle;
    }

    int live() {
        return live;
    }

    /** Takes all blocks out. */
    List<RemoteBlock> drain() {
        List<RemoteBlock> all = new ArrayList<>(live);
        for (int i = 0; i < used; i++) {
            RemoteBlock block = blocks[i];
            if (block != null) {
                all.add(block);
                blocks[i] = null;
            }
        }
        live = 0;
        return all;
    }

    private static long handle(int index, int generation) {
        return (long) generation << Integer.SIZE | index;
    }
}
