/** Allocation of remote memory by one-sided operations: the embedded allocation service. */
@NullMarked
package io.finemem.allocator;

import org.jspecify.annotations.NullMarked;
