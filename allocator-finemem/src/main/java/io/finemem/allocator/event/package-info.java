/** Events for the JDK Flight Recorder: off unless a recording asks for them, and then free of cost but for what is recorded. */
@NullMarked
package io.finemem.allocator.event;

import org.jspecify.annotations.NullMarked;
