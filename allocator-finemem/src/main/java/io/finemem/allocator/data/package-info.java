/**
 * The way of an application's bytes to and from the blocks that it holds: bounds, use after a free, connections that fail and
 * are replaced. Knows nothing of allocation: an owner uses it for the blocks of its journal, a client of an allocation service
 * for those that the service gave it.
 */
@NullMarked
package io.finemem.allocator.data;

import org.jspecify.annotations.NullMarked;
