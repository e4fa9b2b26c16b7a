/** Where to look for room, in which order: pure decisions over words as last seen. */
@NullMarked
package io.finemem.allocator.search;

import org.jspecify.annotations.NullMarked;
