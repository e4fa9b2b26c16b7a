/** Pure decisions: word and request in, new word out. No transport, no clock, no randomness. */
@NullMarked
package io.finemem.allocator.decision;

import org.jspecify.annotations.NullMarked;
