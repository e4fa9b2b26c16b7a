/** The live view of daemons in a terminal, read from their HTTP endpoints. */
@NullMarked
package io.finemem.runtime.top;

import org.jspecify.annotations.NullMarked;
