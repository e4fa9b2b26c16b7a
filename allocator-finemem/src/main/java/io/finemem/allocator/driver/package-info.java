/** Runs procedures over a transport's connection and counts what that cost. */
@NullMarked
package io.finemem.allocator.driver;

import org.jspecify.annotations.NullMarked;
