package io.finemem.allocator.resume;

import io.finemem.api.RemoteBlock;

/**
 * A block of a predecessor that is still held.
 *
 * @param identity as it was recorded; it stays the same
 * @param block to be used and freed like any other
 */
public record ResumedBlock(BlockIdentity identity, RemoteBlock block) {}
