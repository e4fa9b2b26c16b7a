/** Tests of what disturbs a whole system, and of how that is told. */
@org.jspecify.annotations.NullMarked
package io.finemem.runtime.soak.system;
