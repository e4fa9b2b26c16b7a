/** Exhaustive exploration of small scopes: every interleaving, crash, loss and restart, on the procedures that ship. */
@NullMarked
package io.finemem.simulation.explore;

import org.jspecify.annotations.NullMarked;
