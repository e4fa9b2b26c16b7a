/** Puts an adapter under stress to see whether it does what the allocation protocol assumes of it. */
@NullMarked
package io.finemem.runtime.stress;

import org.jspecify.annotations.NullMarked;
