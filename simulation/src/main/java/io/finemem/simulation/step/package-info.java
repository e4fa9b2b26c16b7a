/** Chains of the shipped procedures, taken apart so that each single remote operation is a step. */
@NullMarked
package io.finemem.simulation.step;

import org.jspecify.annotations.NullMarked;
