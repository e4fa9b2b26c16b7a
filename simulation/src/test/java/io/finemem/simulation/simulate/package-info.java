@NullMarked
package io.finemem.simulation.simulate;

import org.jspecify.annotations.NullMarked;
