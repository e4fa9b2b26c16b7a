package io.finemem.simulation.step;

import io.finemem.allocator.procedure.Procedure;
import io.finemem.allocator.procedure.WordChain;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A chain as a procedure asked for it. After {@link #post} it is not changed any more; how far it was executed is kept
 * elsewhere. Before, it may be rewritten, which is how a broken protocol is made.
 */
public final class PostedChain implements WordChain {
    /** A WRITE. */
    public static final int WRITE = 0;
    /** A compare-and-swap. */
    public static final int CAS = 1;
    /** A fetch-and-add. */
    public static final int ADD = 2;
    /** A READ. */
    public static final int READ = 3;
    /** The memory node binds a window anew: its old rkey is dead. */
    public static final int BIND = 4;
    /** The memory node stores the new rkey of a window. */
    public static final int PUBLISH = 5;

    private int[] kinds = new int[4];
    private long[] offsets = new long[4];
    private long[] first = new long[4];
    private long[] second = new long[4];
    private int[] results = new int[4];
    private long[] presets = new long[4];
    private int size;
    private int resultCount;

    /** The next chain of a procedure, or null if it is finished. */
    public static @Nullable PostedChain post(Procedure procedure) {
        PostedChain chain = new PostedChain();
        return procedure.next(chain) ? chain : null;
    }

    @Override
    public void write(long offset, long value) {
        append(WRITE, offset, value, 0);
    }

    @Override
    public void compareAndSwap(long offset, long expected, long update) {
        append(CAS, offset, expected, update);
    }

    @Override
    public void fetchAdd(long offset, long addend) {
        append(ADD, offset, addend, 0);
    }

    @Override
    public void read(long offset) {
        append(READ, offset, 0, 0);
    }

    private void append(int kind, long offset, long one, long two) {
        if (size == kinds.length || resultCount == presets.length) {
            grow();
        }
        kinds[size] = kind;
        offsets[size] = offset;
        first[size] = one;
        second[size] = two;
        results[size++] = resultCount++;
    }

    private void grow() {
        int length = 2 * Math.max(kinds.length, presets.length);
        kinds = Arrays.copyOf(kinds, length);
        offsets = Arrays.copyOf(offsets, length);
        first = Arrays.copyOf(first, length);
        second = Arrays.copyOf(second, length);
        results = Arrays.copyOf(results, length);
        presets = Arrays.copyOf(presets, length);
    }

    /** Moves an element to another position. */
    public void move(int from, int to) {
        int kind = kinds[from];
        long offset = offsets[from];
        long one = first[from];
        long two = second[from];
        int result = results[from];
        remove(from);
        insertAt(to);
        set(to, kind, offset, one, two, result);
    }

    /** Takes an element out; the procedure is told this result of it. */
    public void drop(int element, long result) {
        presets[results[element]] = result;
        remove(element);
    }

    /** Puts an element in of whose result the procedure hears nothing. */
    public void insert(int position, int kind, long offset, long one, long two) {
        append(kind, offset, one, two);
        move(size - 1, position);
    }

    /** Replaces an element; its result stays that of the same position. */
    public void replace(int element, int kind, long one, long two) {
        set(element, kind, offsets[element], one, two, results[element]);
    }

    private void remove(int element) {
        size--;
        for (int i = element; i < size; i++) {
            set(i, kinds[i + 1], offsets[i + 1], first[i + 1], second[i + 1], results[i + 1]);
        }
    }

    private void insertAt(int element) {
        for (int i = size; i > element; i--) {
            set(i, kinds[i - 1], offsets[i - 1], first[i - 1], second[i - 1], results[i - 1]);
        }
        size++;
    }

    private void set(int element, int kind, long offset, long one, long two, int result) {
        kinds[element] = kind;
        offsets[element] = offset;
        first[element] = one;
        second[element] = two;
        results[element] = result;
    }

    /** Elements. */
    public int size() {
        return size;
    }

    /** WRITE, CAS, ADD or READ. */
    public int kind(int element) {
        return kinds[element];
    }

    /** Offset of the element's word. */
    public long offset(int element) {
        return offsets[element];
    }

    /** Value written, value expected, or addend. */
    public long first(int element) {
        return first[element];
    }

    /** What a compare-and-swap stores. */
    public long second(int element) {
        return second[element];
    }

    /** Position of the element's result among those that the procedure sees. */
    public int result(int element) {
        return results[element];
    }

    /** Results before anything was executed. */
    public long[] newResults() {
        return Arrays.copyOf(presets, Math.max(1, resultCount));
    }
}
