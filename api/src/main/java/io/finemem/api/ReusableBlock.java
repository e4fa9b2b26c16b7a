package io.finemem.api;

/**
 * A block object that the application makes once and uses for one block of remote memory after the other, so that allocating
 * and freeing create no garbage. It belongs to the {@link RemoteMemory} that {@linkplain RemoteMemory#newReusableBlock() made}
 * it, and is made without a block.
 *
 * <pre>{@code
 * ReusableBlock block = memory.newReusableBlock();
 * for (Request request : requests) {
 *     memory.allocateInto(block, request.bytes());
 *     try (block) {
 *         block.write(0, request.buffer(), 0, request.bytes());
 *     }
 * }
 * }</pre>
 *
 * <p><b>One block at a time.</b> {@link RemoteMemory#allocateInto} refuses while a block is held. Without one every operation
 * throws {@link InvalidRequest}, {@link #handle()} and {@link #length()} as well; {@link #close()} does nothing.
 *
 * <p><b>The one limit.</b> Who keeps a reference to the object beyond {@link #close()} sees the next block, not an error: use
 * after free is noticed only until the next {@link RemoteMemory#allocateInto}. Where several parts of a program share blocks,
 * {@link RemoteMemory#allocate} gives each block an object of its own. {@link BlockHandle#generation()} tells the holdings apart.
 *
 * <p><b>Thread-safety.</b> As {@link RemoteBlock}: an operation that runs while another thread frees the block, or allocates
 * into it, is executed on the one block or on the other as a whole, with that block's bounds, or throws {@link InvalidRequest};
 * it never touches a block that this object does not hold. {@link RemoteMemory#allocateInto} by two threads at once succeeds
 * for one of them.
 *
 * <p><b>Leaks.</b> A reusable block that becomes unreachable while it holds a block is reported like any other, at every level
 * of leak detection but {@code disabled}: the watch is set once, when the object is made, and the report names that place.
 */
public interface ReusableBlock extends RemoteBlock {

    /** Whether a block is held: false before the first allocation and after each free. */
    boolean holdsBlock();
}
