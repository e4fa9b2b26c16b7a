/** The allocator on every transport: the same cases, subclassed per transport. */
@NullMarked
package io.finemem.it.allocator;

import org.jspecify.annotations.NullMarked;
