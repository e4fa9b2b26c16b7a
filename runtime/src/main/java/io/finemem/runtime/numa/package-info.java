/** Where a memory node's memory lies on a machine of several NUMA nodes; system calls by jnr-ffi, no libnuma. */
@NullMarked
package io.finemem.runtime.numa;

import org.jspecify.annotations.NullMarked;
