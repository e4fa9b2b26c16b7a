/**
 * The composition root: {@link io.finemem.runtime.FineMem} opens remote memory from a configuration, with a builder
 * or with
 * {@link io.finemem.runtime.FineMemModule Guice}.
 */
@NullMarked
package io.finemem.runtime;

import org.jspecify.annotations.NullMarked;
