/**
 * RESOLVE: finds out which units in use were held by fenced owners and gives them back, without touching what anybody alive
 * holds.
 */
@NullMarked
package io.finemem.allocator.recovery;

import org.jspecify.annotations.NullMarked;
