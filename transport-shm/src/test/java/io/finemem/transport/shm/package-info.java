/** Tests of transport shm, in one process and across processes. */
@NullMarked
package io.finemem.transport.shm;

import org.jspecify.annotations.NullMarked;
