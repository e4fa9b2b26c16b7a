/**
 * Turns what {@code strace} saw of a program's address space into an allocation trace. Used by {@code
 * scripts/record-trace} only.
 */
@NullMarked
package io.finemem.runtime.trace.strace;

import org.jspecify.annotations.NullMarked;
