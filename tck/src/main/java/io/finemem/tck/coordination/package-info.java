/**
 * Contract tests of coordination, as abstract JUnit 5 classes: a provider's build makes a subclass of each that
 * applies and says by a {@link io.finemem.tck.coordination.CoordinationFixture} how its directory is set up.
 *
 * <p>Every provider runs {@link io.finemem.tck.coordination.LifecycleContract} and
 * {@link io.finemem.tck.coordination.FeatureContract}; the others are for the features that the provider declares.
 * The numbers C1 to C10 are those of the {@linkplain io.finemem.spi.coordination coordination package}.
 */
@NullMarked
package io.finemem.tck.coordination;

import org.jspecify.annotations.NullMarked;
