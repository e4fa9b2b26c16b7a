/** What transports share about the memory of the machine: huge pages. */
@NullMarked
package io.finemem.spi.memory;

import org.jspecify.annotations.NullMarked;
