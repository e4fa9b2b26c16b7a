/** The protocol's actions as small copyable state machines that ask for one chain at a time and are told its results. */
@NullMarked
package io.finemem.allocator.procedure;

import org.jspecify.annotations.NullMarked;
