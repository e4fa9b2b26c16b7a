/**
 * What an owner asks of a memory node outside the data path: to be registered, connected, and let go. The memory node
 * implements it; a control channel carries it between processes.
 */
@NullMarked
package io.finemem.allocator.control;

import org.jspecify.annotations.NullMarked;
