/** The memory node's side: layout of the metadata, owners and their connections, audit. */
@NullMarked
package io.finemem.allocator.memorynode;

import org.jspecify.annotations.NullMarked;
