/**
 * Which memory node a block is allocated on.
 *
 * <p>A {@link io.finemem.spi.placement.PlacementPolicy} is a pure function from what is known of the memory nodes to one of them; it
 * is opened by a {@link io.finemem.spi.placement.PlacementProvider}, which {@link java.util.ServiceLoader} finds. The policies
 * {@code round-robin}, {@code least-loaded} and {@code label} are here.
 */
@NullMarked
package io.finemem.spi.placement;

import org.jspecify.annotations.NullMarked;
