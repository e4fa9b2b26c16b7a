/** Whole systems in virtual time, with a swarm of faults drawn from one seed, on the procedures that ship. */
@NullMarked
package io.finemem.simulation.simulate;

import org.jspecify.annotations.NullMarked;
