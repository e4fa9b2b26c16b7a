/** The smallest honest transport: the memory of one process. What docs/writing-a-transport.md shows. */
@NullMarked
package io.finemem.examples.transport;

import org.jspecify.annotations.NullMarked;
