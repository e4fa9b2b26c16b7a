@NullMarked
package io.finemem.simulation.explore;

import org.jspecify.annotations.NullMarked;
