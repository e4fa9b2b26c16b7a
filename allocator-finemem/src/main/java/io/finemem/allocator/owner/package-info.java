/** The owner's side: workers, their connections, open spans, journal slots and blocks. */
@NullMarked
package io.finemem.allocator.owner;

import org.jspecify.annotations.NullMarked;
