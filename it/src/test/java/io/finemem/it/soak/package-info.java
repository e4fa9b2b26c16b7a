/** Kill loops of owner processes, and stress of what the protocol assumes of an adapter, on every transport. */
@NullMarked
package io.finemem.it.soak;

import org.jspecify.annotations.NullMarked;
